"""The admin command: what a CSM or an operator asks and does at a terminal. Presentation only."""
