"""A publication in words, and what a version changes beside one that was taken back (N7, R24)."""

from dataclasses import replace
from datetime import UTC, datetime

from lifecycle.contract import PublicationProgress
from lifecycle.store.publication_tables import PublicationRow, PublicationStatus, Verdict
from lifecycle.store.tables import DefinitionRow, PartKind
from lifecycle.telling.publication import Figure, View, outcome_words, promise_words, standing_words
from lifecycle.web.pages.lifecycles.parts import Part
from tests.admin.book import shipped

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
S = PublicationStatus


def view(status: PublicationStatus) -> View:
    """Three accounts were told, 39 were not, and none was looked at since."""
    row = PublicationRow(
        name="sales-2", title="Sales, version 2", book="", actor="Ivy", at=AT, status=status
    )
    row.looked_at = AT
    row.share, row.watch_until = 5, AT
    items, verdicts = {"done": 3, "waiting": 39}, {Verdict.WAITING.value: 3}
    progress = PublicationProgress(
        row.name, row.title, status.value, total=42, items=items, verdicts=verdicts
    )
    return View(row, progress, [], [])


def test_n7_accounts_told_are_not_said_to_lack_it() -> None:
    """N7: before the first look after they were told, it is said when they are looked at."""
    assert outcome_words(view(S.WATCHING)) == "3 done, 39 waiting"
    assert promise_words(view(S.WATCHING)).startswith("How they live is looked at every hour")


def test_n7_nobody_waits_for_a_version_that_was_taken_back() -> None:
    """N7: accounts that were never told stay as they were."""
    assert outcome_words(view(S.ROLLED_BACK)) == "3 done, 39 left as they were"
    assert outcome_words(view(S.STOPPED)) == "3 done, 39 left as they were"
    seen = view(S.STOPPED)
    one = replace(seen, progress=replace(seen.progress, items={"done": 41, "waiting": 1}))
    assert outcome_words(one) == "41 done, 1 left as it was"


def test_n7_what_is_said_of_a_share_is_said_of_the_share() -> None:
    """N7: of few accounts the ids choose seldom just so many percent; what was promised is of those."""
    seen = view(S.WATCHING)
    assert standing_words(seen, UTC).startswith("5 % are chosen by their ids: 3 of 42 accounts run")
    good = replace(seen.progress, verdicts={Verdict.AS_PROMISED.value: 3})
    on = replace(view(S.DONE), progress=good)
    assert promise_words(on) == "All 3 accounts of the share live as promised."
    figures = [Figure("mails", "E-mails", 0, 0), Figure("moves", "Moves", 0, 1)]
    assert [one.kind for one in replace(on, figures=figures).counted] == ["moves"]


def version(number: int, share: int) -> DefinitionRow:
    return DefinitionRow(
        kind=PartKind.LIFECYCLE,
        id="sales",
        version=number,
        edition=1,
        content={},
        source="",
        digest="",
        behaviour="",
        published_at=AT,
        actor="Ivy",
        policy="",
        share=share,
    )


def test_r24_a_version_is_compared_with_what_was_in_force() -> None:
    """R24: neither with one that was taken back nor with one that is tried."""
    first, back, tried = version(1, 100), version(2, 0), version(3, 5)
    part = Part("sales", PartKind.LIFECYCLE, [first, back, tried], shipped())
    assert part.before(tried) is first
    assert part.before(back) is first
    assert part.before(first) is None
    assert part.tried is tried
    assert replace(part, rows=[first, back]).tried is None
