"""Erasing a person in the core: the command, what it leaves alone, and entries without the person (N12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.core import changes as c
from lifecycle.core import inputs as i
from lifecycle.core.codec import to_data
from lifecycle.core.erasing import TEXTS, VALUES, Eraser, Personal, Words, personal_of, roles_of
from lifecycle.core.evolve import apply
from lifecycle.core.fold import Fold
from lifecycle.core.persons import anybody, one_with
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState, Cta, Cycle, Track, Unit
from lifecycle.core.values import Value

from .journey import Journey, flow, shipped, small
from .test_properties import BOOK, RELAXED, STEPS, Step, placed

NAME, ADDRESS = "Maria Weber", "maria.weber@example.com"
CUT_SHORT = "maria.weber@exam"
KEPT = frozenset(
    """account actor automation automations book by cause code cta ctas_opened door effects entered event
    field key kind left lifecycle lines name names opened_by playbook playbooks policies policy priority roles stage
    target task tasks template to turned type waited waiting which why""".split()  # noqa: SIM905
)
"""Attributes that hold ids of definitions, names of staff and the engine's own words: nothing is looked for there."""
IDS = {
    *((kind, "id") for kind in (c.CtaAssigned, c.CtaBecameOverdue, c.CtaClosed, c.CtaSnoozed, Cta)),
    *((kind, "id") for kind in (c.MailDue, c.WebhookDue, i.Erase)),
    *((AccountState, name) for name in ("dates", "fields", "true")),
    *((Track, name) for name in ("done", "true")),
    (c.Adopted, "anew"),
    (c.Adopted, "mapping"),
    (c.TurnTaken, "date"),
    (c.Undone, "kept"),
    (Cycle, "end_stage"),
    (i.Deadline, "what"),
    (Unit, "setters"),
    (Unit, "spent"),
}
"""The same, where another attribute of that name is looked at; and the state, which is folded and never rewritten."""


def eraser(*words: Value) -> Eraser:
    return Eraser(personal_of(shipped()), Words(words))


# ── finding


@pytest.mark.parametrize(
    "text",
    [
        "ask maria.weber@example.com.",
        "Ask MARIA.WEBER@EXAMPLE.COM!",
        "<mailto:maria.weber@example.com>",
        "…/to?who=maria.weber%40example.com&x=1",
        "Maria\n  Weber called",
        "maria weber",
        "Ren&eacute; and O&#x27;Brien",
        "{\"who\": \"Ren\\u00e9e Dup\\u00f4nt\"}",
        "Rene\u0301e Dupo\u0302nt",
        "call +49 (30) 123-4567",
        "born 1990-04-01",
        "ask maria.weber@exam, she knows",
        "ask maria.weber@example.c",
        "ask Maria.Weber@",
        "…/to?who=maria.weber%40exam&x=1",
        "maria.weber+news@example.com",
        "said maria.weber.",
        "maria_weber, weber-maria and Weber.Maria@example",
        "Weber, Maria",
        "weber  maria",
        "renée.dupônt@example.com",
    ],
)  # fmt: skip
def test_n12_a_person_is_found_however_they_are_written(text: str) -> None:
    """N12: any case and spacing; in HTML, JSON and links; digits however they are grouped."""
    words = Words(
        [NAME, ADDRESS, "O'Brien", "Ren\u00e9e Dup\u00f4nt", "+49 30 1234567", date(1990, 4, 1)]
    )
    assert words.are_in(text)
    assert not words.are_in(words.taken_from(text))


@pytest.mark.parametrize(
    "text",
    [
        "anna-maria.weber@example.com",
        "maria.weber@example.com.au",
        "Maria called",
        "Mariana Weberling",
        "maria.weber@example.org",
        "maria.weberling@exam",
        "maria.weber-klein",
        "weber.maria@elsewhere.example.net",
        "support@exam",
        "orders of last week",
        "will_churn",
        "call 9493012345678",
        "support",
        "a",
    ],
)
def test_n12_others_are_left_alone(text: str) -> None:
    """N12: part of another's address or name, an id that reads like a name, a longer number."""
    role, plain = "support@example.com", "orders@example.com"
    named = [NAME, ADDRESS, "Will", "Support", role, plain, "+49 30 1234567"]
    words = Words([*named, "a", "", None, 7, True])
    assert words.taken_from(text) == text


def test_n12_a_local_part_of_one_word_counts_only_in_front_of_an_at() -> None:
    """N12: it is often a word of everyday; in front of an @ it is an address that was cut short."""
    words = Words(["isabelle@maple-and-stone.example.com"])
    said = "isabelle asked isabelle@maple, isabelle@maple-and-stone.exam and isabelle@other.example"
    assert words.taken_from(said) == "isabelle asked [erased], [erased] and isabelle@other.example"


def test_n12_what_is_personal_is_said_by_the_definitions() -> None:
    """N12: marked fields, marked data, data of the same name, and data that set a personal field."""
    line = """
    stages:
      a: {label: A}
    also:
      - name: invited
        when: user.invited
        set: {contact_email: event.address}
    """
    events = (
        "events:\n"
        "  user.invited: {data: {address: email, contact_name: text, by: text}}\n"
        "  user.logged_in: {data: {user: text, seconds: number}, personal: [user]}\n"
    )
    found = personal_of(small(flow(line), events=events))
    assert found == Personal(
        frozenset({"contact_name", "contact_email"}),
        {
            "user.invited": frozenset({"address", "contact_name"}),
            "user.logged_in": frozenset({"user"}),
        },
    )
    assert roles_of(shipped()) == {"contact": ["contact_name", "contact_email"]}


# ── every text is looked at


def _reachable() -> Iterator[tuple[type, str, Any]]:
    seen: set[type] = set()
    queue: list[Any] = [c.Entry, *get_args(i.Input), *get_args(c.Change), AccountState]
    while queue:
        kind = queue.pop()
        for part in [kind, *get_args(kind)]:
            if isinstance(part, type) and is_dataclass(part) and part not in seen:
                seen.add(part)
                hints = get_type_hints(part)
                for spec in fields(part):
                    queue.append(hints[spec.name])
                    queue.extend(get_args(hints[spec.name]))
                    yield part, spec.name, hints[spec.name]


def _holds_text(hint: Any) -> bool:
    """The names of a mapping are ids; what stands under them may be anything."""
    if hint is str:
        return True
    inner = get_args(hint)[1:] if get_origin(hint) is dict else get_args(hint)
    return any(map(_holds_text, inner))


def test_n12_every_text_of_an_entry_is_looked_at_or_said_to_speak_of_nobody() -> None:
    """N12: a new attribute has to be one or the other (lifecycle.core.erasing, or KEPT here)."""
    texts = {(kind, name) for kind, name, hint in _reachable() if _holds_text(hint)}
    looked_at = TEXTS | VALUES | {(c.FieldSet, "value"), (c.FieldSet, "before")}
    assert {one for one in texts - looked_at if one[1] not in KEPT and one not in IDS} == set()
    assert looked_at <= texts


# ── the command


def a_contact(**more: Value) -> Journey:
    journey = Journey()
    journey.create(contact_name=NAME, contact_email=ADDRESS, **more)
    return journey


def erase(journey: Journey, *names: str) -> list[c.Entry]:
    entries = journey.fold.take(i.Erase(journey.now, "dpo", [*names], "asked for it", "e1"))
    journey.entries += entries
    return entries


def test_n12_the_fields_are_gone_and_the_record_says_that_and_when() -> None:
    """N12: never the values."""
    journey = a_contact(plan="Pro")
    [entry] = erase(journey, "contact_name", "contact_email")
    assert "contact_name" not in journey.fold.state.fields
    assert journey.fold.state.fields["plan"] == "Pro"
    assert journey.fold.state.erased_at == journey.now
    said = str(to_data(entry))
    assert "PersonErased" in said
    assert NAME not in said
    assert ADDRESS not in said


def test_n12_undo_does_not_reach_across() -> None:
    """N12, R13: the images that undo would give back are gone; what comes after can be undone."""
    journey = a_contact()
    journey.fields(contact_name="Max Bauer")
    erase(journey, "contact_name", "contact_email")
    with pytest.raises(Refusal, match="since a person was erased on 05 January 2026"):
        raise journey.undo()[-1].refused or AssertionError("not refused")
    journey.fields(plan="Pro")
    journey.undo()
    assert "plan" not in journey.fold.state.fields


def test_n12_no_automation_takes_it_for_something_that_happened() -> None:
    """N12: neither at once nor at the next change; a condition that turned is only noted."""
    body = """
    start:
      - {name: here, when: account.created, to: a}
    stages:
      a: {label: A}
      b: {label: B}
    from any stage:
      - {name: nobody_to_talk_to, as soon as: contact_email does not exist, to: b}
      - {name: another, changed: contact_name, to: b}
    """
    journey = Journey(small(flow(body)))
    journey.create(contact_name=NAME, contact_email=ADDRESS)
    erase(journey, "contact_name", "contact_email")
    journey.fields(plan="Pro")
    journey.at(400)
    assert journey.fold.state.tracks["flow"].stage == "a"


def test_n12_a_held_event_loses_its_data() -> None:
    """N12, R18: it is tried once more when the hold ends, without the person."""
    journey = a_contact()
    journey.set("sales", "lead")
    journey.hold(10)
    journey.event("user.logged_in", user=ADDRESS)
    erase(journey, "contact_name", "contact_email", "user")
    assert ADDRESS not in str(journey.fold.state.held)


def test_n12_the_same_command_counts_once() -> None:
    """N12, R20: a step of an erasure may be done again."""
    journey = a_contact()
    erase(journey, "contact_name")
    [again] = erase(journey, "contact_name")
    assert [note.code for note in again.notes] == ["duplicate"]


# ── entries without them


def spoken_of() -> Journey:
    journey = a_contact()
    journey.won(amount=100)
    journey.event("user.logged_in", id=f"login-{ADDRESS}", user=ADDRESS)
    journey.set("customer_stages", "implementation", reason=f"{NAME} wished so")
    journey.cta(i.OpenCta, title=f"Call {NAME}", owner="csm")
    journey.hold(3, f"wait for {CUT_SHORT}")
    journey.event("escalation.opened", severity="high", summary=f"{NAME} is cross")
    journey.fields(contact_name="Max Bauer", contact_email="max@example.com", sector=f"c/o {NAME}")
    journey.undo()
    journey.event("user.loged_in", user=ADDRESS)
    return journey.at(30)


def test_n12_entries_fold_to_the_same_life_without_the_person() -> None:
    """N12: stages, times and counts as before; values, reasons, titles, ids and refusals without them."""
    journey = spoken_of()
    found = anybody(journey.entries, shipped(), personal_of(shipped()))
    assert {NAME, ADDRESS, "Max Bauer", "max@example.com"} == {*found.values}
    state, cleaned = AccountState("acme"), eraser(*found.values)
    for entry in journey.entries:
        apply(state, cleaned.entry(entry))
    said = str(to_data(state))
    assert NAME in str(to_data(journey.fold.state))
    assert CUT_SHORT in str([to_data(one) for one in journey.entries])
    assert "maria.weber" not in str([to_data(cleaned.entry(one)) for one in journey.entries])
    assert [word for word in found.values if str(word).casefold() in said.casefold()] == []
    assert state.tracks == journey.fold.state.tracks
    assert state.revision == journey.fold.state.revision
    assert {*state.window} == {*journey.fold.state.window}


def test_n12_one_person_is_told_from_another_by_address() -> None:
    """N12: what stood beside the address is theirs; whoever came after keeps all."""
    journey = a_contact()
    journey.fields(contact_name="Max Bauer", contact_email="max@example.com")
    maria = one_with(ADDRESS, journey.entries, shipped(), "acme")
    assert ({*maria.values}, maria.fields) == ({NAME, ADDRESS}, [])
    max_ = one_with("max@example.com", journey.entries, shipped(), "acme")
    assert "Max Bauer" in max_.values
    assert max_.fields == ["contact_email", "contact_name"]


@RELAXED
@given(
    STEPS,
    st.lists(
        st.sampled_from(
            ["Ann", "because", "x", "Bob Berg", "Pro", "erased.one@acme.example", 9000]
        ),
        max_size=3,
    ),
)
def test_n12_whatever_the_words_entries_stay_readable_and_fold(
    steps: list[Step], words: list[Value]
) -> None:
    """N12: also where a person is called as the engine's own words are; the structure of a life never changes."""
    fold, cleaned = Fold(BOOK, AccountState("acme")), Eraser(personal_of(BOOK), Words(words))
    state = AccountState("acme")
    for _, item in placed(steps):
        for entry in fold.take(item):
            again = cleaned.entry(entry)
            assert cleaned.entry(again) == again
            apply(state, again)
    assert {key: track.stage for key, track in state.tracks.items()} == {
        key: track.stage for key, track in fold.state.tracks.items()
    }
    assert state.ctas.keys() == fold.state.ctas.keys()
    assert {*state.window} == {*fold.state.window}
