"""Live changes out, as server-sent events (docs/live.md).

The database is the source: workers are other processes. One watcher a process asks it what was recorded lately, while
anybody listens (`watching`); the hub hands that to the streams that want it (`hub`); a stream writes it (`stream`).
"""
