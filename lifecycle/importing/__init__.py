"""Importing: a CRM's history or a list of accounts, read from files by a mapping (R16, R21)."""
