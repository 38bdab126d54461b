"""The sandbox: an account's next days in a second, on a copy, nothing done (N6)."""
