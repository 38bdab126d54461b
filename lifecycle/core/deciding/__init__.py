"""How inputs are decided: one file per step, all working on one `Turn` (see turn.py)."""
