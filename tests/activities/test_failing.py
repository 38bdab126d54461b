"""What an activity says stays in the workflow's history for a month and more: it names nobody."""

import pytest

from activities.failing import for_good, in_turn, later


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "450 4.2.1 <ann.lee@example.com>: mailbox is busy",
            "450 4.2.1 <(an address)>: mailbox is busy",
        ),
        ("after a@b.example, c@d.example", "after (an address) (an address)"),
        ("The account is on hold until 09:00.", "The account is on hold until 09:00."),
    ],
)
def test_a_reason_in_the_history_names_no_address(said: str, kept: str) -> None:
    for error in (for_good(said, "Refused"), later(said), in_turn(said)):
        assert error.message == kept
