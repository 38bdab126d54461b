"""A town, for the door that reads what Temporal keeps of it."""

from tests.workflows.conftest import published, quiet_town, registered

__all__ = ["published", "quiet_town", "registered"]
