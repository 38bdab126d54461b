"""Which orders a publication takes, and what it says of the others (N7, R24)."""

from datetime import UTC, datetime

import pytest

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.publication_orders import check_order, orders_for
from lifecycle.store.publication_tables import PublicationRow, PublicationStatus


def row(*parts: tuple[str, str, int, int]) -> PublicationRow:
    """Published to all."""
    return PublicationRow(
        name="one",
        title="The title",
        parts=[list(part) for part in parts],
        book="one",
        actor="ana",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        status=PublicationStatus.DONE,
    )


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((("segments", "segments", 4, 1),), "is no new version of a lifecycle"),
        ((("lifecycle", "a", 8, 2),), "is no new version of a lifecycle"),
        (
            (("lifecycle", "a", 8, 1), ("lifecycle", "b", 3, 1)),
            "holds new versions of a and b: only one at a time is brought back",
        ),
    ],
    ids=["a shared part", "a change in place", "two lifecycles"],
)
def test_r24_what_cannot_be_brought_back_says_why(
    parts: tuple[tuple[str, str, int, int], ...], said: str
) -> None:
    assert contract.ROLL_BACK not in orders_for(row(*parts))
    with pytest.raises(Refusal, match=said):
        check_order(row(*parts), contract.ROLL_BACK)
