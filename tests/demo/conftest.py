"""A running worker for the demo book."""

from tests.workflows.conftest import published, quiet_town, registered, town

__all__ = ["published", "quiet_town", "registered", "town"]
