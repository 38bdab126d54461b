"""The lifecycle engine: every account of a business is one long-running workflow."""
