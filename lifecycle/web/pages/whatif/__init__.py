"""What if: an account's next days in the sandbox, with steps that a person adds (N6)."""

from .routes import routes

__all__ = ["routes"]
