"""Activities: what the account workflow lets the outside world do. One file per family."""
