"""The embedded stack: a Temporal server with its UI, a database and a worker, in one command."""
