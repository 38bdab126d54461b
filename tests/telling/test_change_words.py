"""A change of many accounts in words: what counts, what waits, how long its pace takes (R13)."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.store.change_tables import ChangeRow, ChangeStatus, ItemStatus
from lifecycle.store.engine import Store
from lifecycle.telling.changes import View, what_stop_does, what_undo_does
from lifecycle.telling.pace import by_command, length_words
from lifecycle.telling.viewer import Viewer

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
S, WAITING = ChangeStatus, ItemStatus.WAITING


def view(status: ChangeStatus, back: bool = False, pace: int | None = None, **counts: int) -> View:
    """So many of each outcome."""
    row = ChangeRow(
        name="hold-1",
        kind="hold",
        title="Hold",
        actor="Ivy",
        reason="why",
        at=AT,
        status=status,
        back=back,
        per_minute=pace,
        total=sum(counts.values()),
    )
    return View(row, counts, [])


async def undo_words(store: Store, of: View) -> str:
    lines = await what_undo_does(Viewer(store, AT, UTC), of, by_command("hold-1"))
    return " ".join(line for _, line in lines)


def test_r13_what_changed_nothing_is_not_taken_back() -> None:
    """R13: as wanted already, refused and never given do not count on the way back."""
    seen = view(S.DONE, back=True, undone=1, unchanged=1, refused=1, waiting=2)
    assert (seen.through, seen.total) == (1, 1)
    assert seen.word(WAITING, 2) == "left as they were"
    assert seen.word(WAITING) == "left as it was"
    assert view(S.RUNNING, waiting=1).word(WAITING) == "waiting"


async def test_r13_undoing_says_what_is_not_given_any_more(store: Store) -> None:
    """R13: what a stop dropped is not given up again."""
    assert "any more" not in await undo_words(store, view(S.STOPPED, done=1, waiting=4))
    one = await undo_words(store, view(S.PAUSED, done=1, waiting=1))
    assert "1 command that waits is not given any more." in one
    four = await undo_words(store, view(S.RUNNING, done=1, waiting=4))
    assert "4 commands that wait are not given any more." in four
    assert what_stop_does(view(S.RUNNING, waiting=1))[0][1].startswith(
        "1 command that waits is not"
    )


async def test_r13_undoing_keeps_the_pace_and_says_so(store: Store) -> None:
    """R13: how long it takes, and what makes it faster."""
    told = await undo_words(store, view(S.DONE, pace=15, done=30))
    assert "It goes at 15 a minute: about 2 minutes." in told
    assert "`lifecycle admin changes pace hold-1 none` makes it faster" in told
    assert "a minute" not in await undo_words(store, view(S.DONE, done=30))


@pytest.mark.parametrize(
    ("left", "said"),
    [(0.5, "less than a minute"), (1, "about 1 minute"), (180, "about 3 hours")],
)
def test_how_long_is_left(left: float, said: str) -> None:
    assert length_words(timedelta(minutes=left)) == said
