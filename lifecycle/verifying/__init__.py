"""Verifying: the recorded changes, folded, give what is stored; the same inputs give the same changes; no row was
edited (N9). What runs and what others hold is laid beside it (N10).

No rule is written twice here: states are folded by `evolve`, decisions taken again by the `Fold` that takes them live,
rows made by the projector that makes them (`store.projection`, `store.written`) in a database in memory.
"""
