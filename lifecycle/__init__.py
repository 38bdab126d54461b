"""The lifecycle engine: every account of a business is one long-running workflow."""

__version__ = "0.1.0"
