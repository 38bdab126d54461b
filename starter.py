"""Starts accounts: one, a CSV of them, or a whole CRM history (`python starter.py --help`)."""

from lifecycle.console.starter import app

if __name__ == "__main__":
    app()
