"""Random lives under timers, CTAs, mails and a scorecard, recorded as they happen, with what lies ahead of them."""

from datetime import datetime, timedelta
from itertools import groupby

from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import SQLModel

from lifecycle.contract import RecordRequest
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, Event, Hold, Input, SetFields, SetStage, Undo
from lifecycle.core.scorecard import Scorecard
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from tests.core.journey import flow, small
from tests.reports.lives import END, GAPS, START, Lived

BOOK = small(
    flow("""
    stages:
      one:
        label: One
        expected: 3 days
        stuck after: 2 business days
        do:
          - {name: hello, cta: Say hello, due: 2 days}
          - {name: reminder, after: 5 days, email: welcome, to: csm}
        move:
          - {name: waited, after: 20 days, to: two}
      two:
        label: Two
        expected: 5 days
        stuck after: 8 days
        move:
          - {name: renew, at: 30 days before renewal_date, to: three}
      three: {label: Three, move: [{name: live, when: product.went_live, to: done}]}
      done: {label: Done, end: true}
      lost: {label: Lost, end: true, churn: true}
    """),
    scorecards="""
scorecards:
  health:
    title: Health
    score field: health_score
    band field: health
    for: status is not cancelled
    measures:
      usage:
        title: Usage
        weight: 2
        points: [{if: active_users >= 10, give: 100}, {if: active_users exists, give: 30}]
      progress:
        title: Progress
        weight: 1
        points: [{if: flow is one for more than 10 days, give: 0}, {if: flow exists, give: 90}]
    bands:
      green:  {from: 75, falls below: 70}
      yellow: {from: 45, falls below: 40}
      red:    {from: 0}
""",
)
CARD: Scorecard = BOOK.scorecards["health"]
STAGES = [stage.id for stage in BOOK.lifecycles["flow"].stages]

Step = tuple[float, str, Value]
HAPPENINGS = st.one_of(
    st.sampled_from([*STAGES, None]).map(lambda stage: ("set", stage)),
    st.just(("undo", None)),
    st.just(("live", None)),
    st.sampled_from([1, 8]).map(lambda days: ("hold", days)),
    st.sampled_from([0, 5, 12]).map(lambda users: ("active_users", users)),
    st.sampled_from([None, 12_000, 75_000]).map(lambda arr: ("arr", arr)),
    st.sampled_from(["active", "cancelled"]).map(lambda status: ("status", status)),
    st.sampled_from(["Ann Lee", "Bo Diaz"]).map(lambda csm: ("csm", csm)),
    st.sampled_from(["2026-04-01", "2026-09-01"]).map(lambda day: ("renewal_date", day)),
    st.just(("time_zone", "Asia/Tokyo")),
)
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(GAPS, HAPPENINGS).map(lambda pair: (pair[0], *pair[1])), max_size=10
)
books = st.lists(STEPS, min_size=1, max_size=3).map(
    lambda drawn: [team_live(f"account-{number}", one) for number, one in enumerate(drawn)]
)


def team_live(account: str, steps: list[Step]) -> Lived:
    """A life up to END: created, in the first stage, then one step after the other."""
    lived = Lived(account, Fold(BOOK, AccountState(account)))
    lived.take(CreateAccount(START, {"name": account.title()}), START)
    lived.take(SetStage(START, "ann", "as agreed", "flow", "one"), START)
    now = START
    for number, (gap, what, value) in enumerate(steps):
        now += timedelta(days=gap)
        if now < END:
            lived.take(_input(number, now, what, value), now)
    more = lived.fold.catch_up(END)
    lived.recorded |= {entry.revision: entry.at for entry in more}
    lived.entries += more
    return lived


def _input(number: int, now: datetime, what: str, value: Value) -> Input:
    if what == "set":
        return SetStage(now, "ann", "as agreed", "flow", value if isinstance(value, str) else None)
    if what == "undo":
        return Undo(now, "bo", "a slip", id=f"{number}")
    if what == "live":
        return Event(f"live-{number}", "crm", "product.went_live", now, now)
    if what == "hold":
        assert isinstance(value, int)
        return Hold(now, "ann", now + timedelta(days=value), "a pause")
    return SetFields(now, "ann", {what: value}, id=f"{number}")


async def keep_team(store: Store, lives: list[Lived], until: datetime = END) -> None:
    """Put the lives into an emptied database, batch by batch as they were recorded, up to an instant."""
    async with store.writing() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            await connection.execute(delete(table))
    await publish(store, parts_of(BOOK, {}), "ops", START - timedelta(days=9))
    versions = {one.id: one.version for one in BOOK.lifecycles.values()}
    for lived in lives:
        for at, batch in groupby(lived.entries, lambda entry: lived.recorded[entry.revision]):  # noqa: B023
            if at <= until:
                request = RecordRequest(lived.account, list(batch), versions=versions)
                await record(store, request, at)
