"""The database: what was recorded of every account, and what is read back from it."""
