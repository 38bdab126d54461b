"""What lines in shadow would have done, as rows (N11): told, taken back by undo, renamed with their stages."""

from typing import Any

from sqlmodel import select

from lifecycle.contract import RecordRequest
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.shadow_tables import ShadowedRow
from tests.core.journey import Journey, day, flow, small

FLOW = """
    stages:
      a:
        label: A
        do:
          - {name: tell, shadow: true, email: welcome, to: csm}
          - {name: mark, when: user.logged_in, shadow: true, set: {plan: Pro}}
        move:
          - {name: go, when: training.completed, to: c}
          - {name: ghost, after: 2 days, to: b, shadow: true}
      b: {label: B}
      c: {label: C}
    """


async def keep(store: Store, journey: Journey) -> list[Any]:
    """Record what is new; answers with the rows."""
    state = journey.state
    last = getattr(journey, "kept", 0)
    new = journey.entries[last:]
    request = RecordRequest("acme", new, versions=dict(state.versions))
    await record(store, request, journey.now)
    journey.kept = len(journey.entries)  # type: ignore[attr-defined]
    order = (ShadowedRow.revision, ShadowedRow.position)
    async with store.reading() as session:
        return list((await session.exec(select(ShadowedRow).order_by(*order))).all())  # type: ignore[arg-type]


def begun() -> Journey:
    journey = Journey(small(flow(FLOW)))
    journey.create()
    journey.at(1).set("flow", "a")
    return journey


async def test_n11_each_is_a_row_with_where_the_account_stood(store: Store) -> None:
    """N11: kind, what, lifecycle, stage, visit, instant, automation, version."""
    journey = begun()
    journey.at(2).event("user.logged_in")
    journey.at(4)
    mail, field, move = await keep(store, journey)
    assert (mail.kind, mail.name, mail.automation, mail.at) == (
        "mail",
        "welcome",
        "flow.tell",
        day(1),
    )
    assert (field.kind, field.name, field.value) == ("field", "plan", "Pro")
    assert (move.kind, move.of_lifecycle, move.stage, move.to_stage) == ("move", "flow", "a", "b")
    assert {(row.version, row.visit, row.withdrawn_at) for row in (mail, field, move)} == {
        (1, 1, None)
    }
    assert [row.said for row in (mail, move)] == [
        "would send welcome to csm",
        "would move flow to b",
    ]


async def test_r13_undo_takes_back_what_was_told_in_a_stay_that_never_was(store: Store) -> None:
    """R13, N11: of the input and of the stay it began; what was told before stays."""
    journey = begun()
    journey.at(4)
    await keep(store, journey)
    journey.event("training.completed")
    journey.set("flow", "a")
    journey.at(7)
    await keep(store, journey)
    journey.undo()
    rows = await keep(store, journey)
    assert [(row.automation, row.visit, row.withdrawn_at) for row in rows] == [
        ("flow.tell", 1, None),
        ("flow.ghost", 1, None),
        ("flow.tell", 3, day(7)),
        ("flow.ghost", 3, day(7)),
    ]


async def test_r24_rows_follow_stages_that_have_another_id(store: Store) -> None:
    """R24: the stage it stood in and the one it would have gone to."""
    journey = begun()
    journey.at(4)
    await keep(store, journey)
    text = FLOW.replace("      b: {label: B}", "      bee: {label: Bee}").replace(
        "to: b,", "to: bee,"
    )
    journey.adopt(small(flow("\n    migration: {b: bee}" + text, version=2)))
    rows = await keep(store, journey)
    assert [(row.stage, row.to_stage) for row in rows] == [("a", None), ("a", "bee")]
