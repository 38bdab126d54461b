"""Sheets brought in by a page."""

from .routes import routes

__all__ = ["routes"]
