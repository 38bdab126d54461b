"""The admin command over files, beside a running worker or over a book of its own."""

from tests.admin.conftest import admin, at_now, doing, filled, looking, server, surroundings, town

__all__ = ["admin", "at_now", "doing", "filled", "looking", "server", "surroundings", "town"]
