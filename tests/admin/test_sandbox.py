"""`sandbox`, and commands as of an instant: what people read, files, slips (N5, N6)."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.admin.conftest import Admin
from tests.admin.recorded import Golden

THEN = ("--as-of", "2026-05-13", "--known", "now")
STEPS = (
    *("--step", "in 5 days: {event: usage.reported, data: {active_users: 12}}"),
    *("--step", "in 9 days: {set: customer_journey.renewal, reason: they asked}"),
    *("--step", "in 10 days: undo"),
    *("--step", "in 11 days: release"),
)
NEW = ("--new", "--field", "name=Nordwind", "--field", "contact_email=maria@example.com")
WON = ("--step", "now: {event: opportunity.closed_won, data: {csm: Ana Torres}}")
GOLDEN = {
    "show-acme-then": ("show", "acme", *THEN),
    "history-acme-then": ("history", "acme", "--limit", "4", *THEN),
    "why-acme-then": ("why", "acme", "customer_journey", *THEN),
    "forecast-acme-then": ("forecast", "acme", "--days", "30", *THEN),
    "ctas-then": ("ctas", *THEN),
    "list-journey-then": ("list", "--lifecycle", "customer_journey", *THEN),
    "sandbox-acme": ("sandbox", "acme", "--days", "40", *STEPS),
    "sandbox-new": ("sandbox", *NEW, *WON, "--days", "20"),
}


@pytest.mark.parametrize("width", ["80", "120"])
@pytest.mark.parametrize("name", GOLDEN)
def test_what_people_read(name: str, width: str, looking: Admin, golden: Golden) -> None:
    said = looking(*GOLDEN[name], COLUMNS=width)
    assert (said.status, said.err) == (0, "")
    assert max(len(line) for line in said.out.splitlines()) <= int(width)
    golden.check(f"{name}.{width}", said.out)


def data(admin: Admin, *words: str) -> Any:
    said = admin(*words, "--json")
    assert (said.status, said.err) == (0, "")
    return json.loads(said.out)


# ── as of an instant


def test_n5_programs_are_told_of_when_it_is(looking: Admin) -> None:
    """N5: the same view as of now, with the moment and whose knowledge it is."""
    then, now = data(looking, "show", "acme", *THEN), data(looking, "show", "acme")
    assert then.keys() == now.keys()
    assert then["as_of"] == "2026-05-13T23:59:59.999999+00:00"
    assert then["known"] > then["as_of"]
    assert (now["as_of"], now["known"]) == (None, None)
    assert then["revision"] < now["revision"]
    assert [one["title"] for one in then["ctas"]] != [one["title"] for one in now["ctas"]]
    short = data(looking, "show", "acme", "--as-of", "2026-05-13", "--as-known-now")
    assert short == then


def test_n5_what_was_not_known_then_is_not_told(looking: Admin) -> None:
    """N5: the book was recorded in one go, long after; as recorded then there was no account."""
    said = looking("show", "acme", "--as-of", "2026-05-13")
    assert (said.status, said.out) == (1, "")
    assert "Acme GmbH did not exist on 13 May 2026, 23:59, as known then." in said.err


@pytest.mark.parametrize(
    "command", ["show acme", "history acme", "why acme", "forecast acme", "list", "ctas"]
)
def test_n5_slips_are_told(command: str, looking: Admin) -> None:
    words = command.split()
    alone = looking(*words, "--known", "now", COLUMNS="300")
    assert alone.status == 2
    assert "It belongs to --as-of DATE." in alone.err
    both = looking(*words, *THEN, "--as-known-now", COLUMNS="300")
    assert both.status == 2
    assert "Choose one of it and --known." in both.err
    assert looking(*words, "--as-of", "2099-01-01").status == 1


# ── the sandbox


def test_n6_every_format_tells_the_same(looking: Admin) -> None:
    """N6: CSV has a row for each change, and for a mail one for each reader; JSON has it all."""
    told = data(looking, "sandbox", *NEW, *WON, "--days", "20")
    said = looking("sandbox", *NEW, *WON, "--days", "20", "--csv")
    table = list(csv.DictReader(io.StringIO(said.out)))
    moves = [(row["lifecycle"], row["at"]) for row in table if row["kind"] == "move"]
    assert moves == [(one["lifecycle"], one["at"]) for one in told["moves"]]
    mails = [(row["to"], row["fate"], row["what"]) for row in table if row["kind"] == "mail"]
    assert [(to, fate) for to, fate, _ in mails] == [
        (one["to"], one["fate"]) for one in told["mails"]
    ]
    assert mails[0] == ("maria@example.com", "sent", "E-mail “welcome” to the contact")
    opened = [row for row in table if row["kind"] == "cta" and row["what"].startswith("CTA opened")]
    assert len(opened) == len(told["ctas"])
    assert {one["lifecycle"] for one in told["ends"]} >= {"customer_journey", "sales"}


def test_n6_mails_are_written_as_they_would_look(looking: Admin, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    said = looking("sandbox", *NEW, *WON, "--mails", str(folder), COLUMNS="300")
    assert f"Written to {folder}." in said.out
    written = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    text = written["001-welcome-maria@example_com.txt"]
    assert text.startswith("To: maria@example.com\nSubject: Welcome, Nordwind")
    assert written["001-welcome-maria@example_com.html"].lstrip().startswith("<!")


def test_n6_a_script_is_a_file(looking: Admin, tmp_path: Path) -> None:
    """N6: its steps come before those that are typed; what is wrong is told with its place, and nothing is played."""
    script = tmp_path / "spring.yaml"
    script.write_text("- in 5 days: {event: usage.reported, data: {active_users: 12}}\n")
    told = data(looking, "sandbox", "acme", "--script", str(script), "--step", "in 6 days: undo")
    by_script = [one["said"]["headline"] for one in told["timeline"] if one["cause"] == "script"]
    assert by_script == ["Usage is reported", "ann takes a change back"]
    script.write_text("- in 5 days: usage.reportet\n- soon: undo\n")
    said = looking("sandbox", "acme", "--script", str(script), COLUMNS="300")
    assert (said.status, said.out) == (1, "")
    assert "spring.yaml:1:14: error[unknown_event]: Unknown event 'usage.reportet'." in said.err
    assert "spring.yaml:2:3: error[bad_time]: `soon` says no time." in said.err


def test_n6_a_draft_is_tried_before_anybody_runs_it(looking: Admin, tmp_path: Path) -> None:
    """N6: with the definitions of a folder, as if they were published at once."""
    root = Path(__file__).parent.parent.parent / "definitions"
    for file in root.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if file.stem == "customer_journey":
            text = text.replace("after: 14 days", "after: 45 days").replace(
                "version: 1", "version: 2"
            )
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    wish = ("sandbox", *NEW, *WON, "--days", "60")
    live, draft = data(looking, *wish), data(looking, *wish, "--definitions", str(tmp_path))
    assert (launched(live), launched(draft)) == ([14], [45])
    known = data(looking, "sandbox", "acme", "--days", "3", "--definitions", str(tmp_path))
    assert known["timeline"][0]["said"]["headline"] == "ann publishes definitions"
    assert (known["timeline"][0]["day"], known["timeline"][0]["cause"]) == (0, "beginning")


def launched(told: Any) -> list[int]:
    entries = [
        one for one in told["timeline"] if "→ Launched" in json.dumps(one, ensure_ascii=False)
    ]
    return [one["day"] for one in entries]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("sandbox",), 2, "Name an account, or begin one with --new."),
        (("sandbox", "acme", "--field", "name=x"), 2, "It belongs to --new."),
        (("sandbox", "acme", "--csv", "--json"), 2, "Choose one of --csv and --json."),
        (("sandbox", "acme", "--days", "0"), 2, "--days"),
        (("sandbox", "acme", "--new"), 1, "The account 'acme' exists already."),
        (("sandbox", "acmee"), 1, "Did you mean acme"),
        (("sandbox", "acme", "--step", "in 5 days"), 1, "--step:1:3: error[wrong_type]"),
        (("sandbox", "acme", "--script", "nowhere.yaml"), 2, "nowhere.yaml"),
    ],
    ids=["nobody", "field", "formats", "days", "exists", "unknown", "step", "file"],
)
def test_n6_slips_are_told(words: tuple[str, ...], status: int, says: str, looking: Admin) -> None:
    said = looking(*words, COLUMNS="300")
    assert said.status == status
    assert says in said.err
