"""Starts accounts: one, a CSV of them, or a whole CRM history (`python starter.py --help`)."""

from lifecycle.console.starter import app
from lifecycle.leaving import leave_after

if __name__ == "__main__":
    leave_after(app)
