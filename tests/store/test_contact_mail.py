"""Who may be mailed, on both databases: suppressions, the cap, quiet hours; the cap holds when many ask at once."""

import asyncio
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle.core.durations import Duration, Unit
from lifecycle.core.model import ContactRules, Directory
from lifecycle.store.contact_mail import (
    Contact,
    Reader,
    Send,
    Skip,
    Wait,
    contact_of,
    give_back,
    key_of,
    number_of,
    take,
    verdict,
)
from lifecycle.store.engine import Store
from lifecycle.store.suppression import (
    Wanted,
    is_suppressed,
    lift,
    subscribe_again,
    suppress,
    suppressions,
    unsubscribe,
)
from lifecycle.store.tables import EffectKind, EffectRow, EffectStatus
from tests.store.lives import NOW

UTC_ZONE = ZoneInfo("UTC")
MARIA = Reader("Maria@example.com", UTC_ZONE)
DAY = timedelta(days=1)


def rules(**given: Any) -> Directory:
    return Directory(contact_rules=ContactRules(**given))


CAP = rules(most=2, within=Duration(7))


def mail(effect: str, generation: int = 1, resent_by: str | None = None) -> EffectRow:
    return EffectRow(
        id=effect,
        account="acme",
        kind=EffectKind.MAIL,
        status=EffectStatus.SENDING,
        revision=1,
        position=0,
        automation="customer_journey.welcome",
        lifecycle="customer_journey",
        visit=1,
        name="welcome",
        roles=["contact"],
        data={},
        due_at=NOW,
        recorded_at=NOW,
        generation=generation,
        resent_by=resent_by,
    )


async def test_without_rules_everything_goes(store: Store) -> None:
    for number in range(20):
        assert await take(store, Directory(), MARIA, mail(f"m{number}"), NOW) == Send(0)


async def test_over_the_cap_is_skipped_and_says_from_when_it_is_possible(store: Store) -> None:
    """Two in seven days; the address is the same in any case."""
    await take(store, CAP, MARIA, mail("m1"), NOW)
    await take(store, CAP, Reader("maria@EXAMPLE.com", UTC_ZONE), mail("m2"), NOW + DAY)
    third = await take(store, CAP, MARIA, mail("m3"), NOW + 2 * DAY)
    assert third == Skip(
        f"frequency cap (Maria@example.com): 2 mails in 7 days reached; the next is possible from"
        f" {(NOW + 7 * DAY).day} {NOW + 7 * DAY:%B %Y}, {NOW:%H:%M}"
    )
    other = Reader("ben@example.com", UTC_ZONE)
    assert await take(store, CAP, other, mail("m3"), NOW + 2 * DAY) == Send(0)


async def test_there_is_room_again_when_the_oldest_is_out_of_the_time(store: Store) -> None:
    await take(store, CAP, MARIA, mail("m1"), NOW)
    await take(store, CAP, MARIA, mail("m2"), NOW + DAY)
    assert isinstance(await verdict(store, CAP, MARIA, NOW + 7 * DAY - timedelta(seconds=1)), Skip)
    assert await verdict(store, CAP, MARIA, NOW + 7 * DAY) == Send()


async def test_a_cap_may_count_business_days(store: Store) -> None:
    """One in two business days: sent on a Friday, the next may go on Tuesday."""
    directory = rules(most=1, within=Duration(2, Unit.BUSINESS_DAYS))
    friday = datetime(2026, 3, 6, 10, tzinfo=UTC_ZONE)
    await take(store, directory, MARIA, mail("m1"), friday)
    assert isinstance(await verdict(store, directory, MARIA, friday + 3 * DAY), Skip)
    assert await verdict(store, directory, MARIA, friday + 4 * DAY) == Send()


async def test_another_try_of_the_same_mail_is_not_counted_against_it(store: Store) -> None:
    """R22: a worker that died in between has taken the place already."""
    once = rules(most=1, within=Duration(7))
    assert await take(store, once, MARIA, mail("m1"), NOW) == Send(0)
    assert await take(store, once, MARIA, mail("m1"), NOW) == Send(0)
    assert isinstance(await take(store, once, MARIA, mail("m2"), NOW), Skip)


async def test_a_mail_that_did_not_go_gives_its_place_back(store: Store) -> None:
    once = rules(most=1, within=Duration(7))
    await take(store, once, MARIA, mail("m1"), NOW)
    await give_back(store, mail("m1"), MARIA.address)
    assert await take(store, once, MARIA, mail("m2"), NOW) == Send(0)


async def test_the_cap_holds_when_twenty_ask_at_once(store: Store) -> None:
    """Counted and taken in one transaction."""
    answers = await asyncio.gather(
        *(take(store, CAP, MARIA, mail(f"m{number}"), NOW) for number in range(20))
    )
    assert sum(isinstance(answer, Send) for answer in answers) == 2


async def test_by_hand_it_skips_cap_and_quiet_hours_but_no_suppression(store: Store) -> None:
    """A person's wish is not the frequency's business; the reader's wish is."""
    strict = rules(most=1, within=Duration(7), quiet_from=time(0), quiet_until=time(23, 59))
    again = mail("m1", generation=2, resent_by="ann")
    await take(store, CAP, MARIA, mail("m1"), NOW)
    assert await take(store, strict, MARIA, again, NOW) == Send(0)
    await unsubscribe(store, MARIA.address, "m1", NOW)
    assert isinstance(await take(store, strict, MARIA, again, NOW), Skip)
    third = await take(store, CAP, Reader("maria@example.com", UTC_ZONE), mail("m3"), NOW)
    assert isinstance(third, Skip)


async def test_quiet_hours_wait_in_the_zone_of_the_account(store: Store) -> None:
    """09:00 in UTC is night in Los Angeles."""
    directory = rules(quiet_from=time(21), quiet_until=time(7))
    nine = datetime(2026, 3, 3, 9, tzinfo=UTC_ZONE)
    far = Reader("maria@example.com", ZoneInfo("America/Los_Angeles"))
    answer = await take(store, directory, far, mail("m1"), nine)
    end = datetime(2026, 3, 3, 15, tzinfo=UTC_ZONE)
    assert answer == Wait(end, "quiet hours until 07:00 (America/Los_Angeles)")
    assert await take(store, directory, MARIA, mail("m2"), nine) == Send(0)
    assert await contact_of(store, "m1", 0) is None


async def test_the_link_names_a_reader_by_number(store: Store) -> None:
    """A number once given is nobody else's, whatever becomes of the mail."""
    ben = Reader("ben@example.com", UTC_ZONE)
    await take(store, Directory(), MARIA, mail("m1"), NOW)
    await give_back(store, mail("m1"), MARIA.address)
    assert await take(store, Directory(), ben, mail("m1"), NOW) == Send(1)
    assert await take(store, Directory(), MARIA, mail("m1"), NOW) == Send(0)
    assert await contact_of(store, "m1", 0) == Contact("maria@example.com", None, "m1")
    assert await contact_of(store, "m1", 1) == Contact("ben@example.com", None, "m1")
    assert await number_of(store, mail("m1"), "BEN@example.com") == 1
    assert await contact_of(store, "m2", 0) is None
    assert key_of(mail("m1", generation=2)) == "m1#2"


# ── suppressions


async def test_an_unsubscribed_reader_is_skipped_with_the_reason(store: Store) -> None:
    await unsubscribe(store, "MARIA@example.com", "m1", NOW)
    answer = await verdict(store, CAP, MARIA, NOW + DAY)
    assert answer == Skip(f"unsubscribed on {NOW.day} {NOW:%B %Y} (maria@example.com)")


async def test_unsubscribing_twice_is_once(store: Store) -> None:
    await asyncio.gather(*(unsubscribe(store, "maria@example.com", "m1", NOW) for _ in range(5)))
    assert len(await suppressions(store, Wanted())) == 1


async def test_a_reader_may_come_back(store: Store) -> None:
    """What was is kept."""
    await unsubscribe(store, "maria@example.com", "m1", NOW)
    assert await subscribe_again(store, "maria@example.com", NOW + DAY)
    assert not await is_suppressed(store, "maria@example.com")
    assert await suppressions(store, Wanted()) == []
    [row] = await suppressions(store, Wanted(lifted=True))
    assert (row.lifted_at, row.lifted_by) == (NOW + DAY, "")


async def test_a_reader_does_not_lift_what_an_operator_set(store: Store) -> None:
    assert await suppress(store, ["maria@example.com"], "bounced", "ann", NOW)
    await unsubscribe(store, "maria@example.com", "m1", NOW)
    assert not await subscribe_again(store, "maria@example.com", NOW + DAY)
    answer = await verdict(store, CAP, MARIA, NOW + DAY)
    assert isinstance(answer, Skip)
    assert answer.why == f"suppressed by ann on {NOW.day} {NOW:%B %Y}: bounced (maria@example.com)"


async def test_an_operator_keeps_addresses_out_and_lets_them_in_again(store: Store) -> None:
    """Who did what is kept."""
    added = await suppress(store, ["a@x.example", "A@X.example", "b@x.example"], "left", "ann", NOW)
    assert added == ["a@x.example", "b@x.example"]
    assert await suppress(store, ["b@x.example", "c@x.example"], "left", "ann", NOW) == [
        "c@x.example"
    ]
    assert await lift(store, "B@x.example", "came back", "bo", NOW + DAY) == 1
    assert await lift(store, "b@x.example", "came back", "bo", NOW + DAY) == 0
    assert not await is_suppressed(store, "b@x.example")
    [lifted] = await suppressions(store, Wanted(search="B@X", lifted=True))
    assert (lifted.actor, lifted.lifted_by, lifted.lifted_why) == ("ann", "bo", "came back")


async def test_the_list_is_searched_and_paged(store: Store) -> None:
    await suppress(store, [f"p{number}@x.example" for number in range(7)], "Left 100%", "ann", NOW)
    first = await suppressions(store, Wanted(limit=4))
    rest = await suppressions(store, Wanted(limit=4, before=first[-1].id))
    assert [row.address for row in [*first, *rest]] == [
        f"p{number}@x.example" for number in range(6, -1, -1)
    ]
    assert len(await suppressions(store, Wanted(search="100%"))) == 7
    assert await suppressions(store, Wanted(search="100_")) == []


@pytest.mark.parametrize("count", [1_200])
async def test_a_long_list_is_taken_at_once(store: Store, count: int) -> None:
    addresses = [f"p{number}@x.example" for number in range(count)]
    assert len(await suppress(store, addresses, "list", "ann", NOW)) == count
    assert await suppress(store, addresses, "list", "ann", NOW) == []
