"""The dashboard: what reports tell, drawn; a page for each report."""

from .routes import routes

__all__ = ["routes"]
