"""A town of accounts in Onboarding, and publications to them."""

import pytest

from tests.publications.press import Press
from tests.workflows.conftest import published, quiet_town, registered, town
from tests.workflows.town import Town

__all__ = ["published", "quiet_town", "registered", "town"]


@pytest.fixture
async def press(town: Town) -> Press:
    """A worker is running."""
    return Press(town)
