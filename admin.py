"""What a CSM or an operator does by hand: show, set, undo, hold, why, forecast, … (`python admin.py --help`)."""

from lifecycle.console.app import app
from lifecycle.leaving import leave_after

if __name__ == "__main__":
    leave_after(app)
