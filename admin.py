"""What a CSM or an operator does by hand: show, set, undo, hold, why, forecast, … (`python admin.py --help`)."""

from lifecycle.console.app import app

if __name__ == "__main__":
    app()
