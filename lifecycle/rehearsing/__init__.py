"""Rehearsals over the database: records read, folded through two books and compared, over all cores (N2)."""
