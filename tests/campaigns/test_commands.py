"""The commands of campaigns, as typed (G14, V2)."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lifecycle import contract
from lifecycle.campaigning import Campaigns
from lifecycle.store.suppression import suppress
from tests.campaigns.conftest import Commands
from tests.campaigns.stand import Stand

NEWS = ("--segment", "leads", "--template", "feature_news")


@pytest.fixture
async def book(stand: Stand) -> Stand:
    """Seven Leads, of whom two may get a mail; and a Prospect."""
    await stand.people(["ada", "bob", "dan", "eve", "fay", "pam"])
    await stand.person("cyd", contact_email=None)
    await stand.set("dan", status="cancelled")
    await stand.hold("eve")
    await suppress(stand.store, ["fay@example.com"], "asked us", "ann", datetime.now(UTC))
    await stand.prospect("pam")
    return stand


async def test_a_preview_counts_names_and_shows_and_sends_nothing(
    book: Stand, commands: Commands, tmp_path: Path
) -> None:
    """G14: who, how many, who not and why, and how it reads."""
    page = tmp_path / "samples.html"
    said = await commands("campaign", "preview", *NEWS, "--html", str(page))
    assert said.status == 0, said.err
    for line in (
        "“feature_news” to the contact of the segment leads",
        "6 accounts match.",
        "2 would get it now",
        "1 not: no address",
        "1 not: cancelled account",
        "1 not: on hold",
        "1 not: suppressed",
        "As Ada reads it (ada@example.com)",
        "how Bob uses the product",
        "2 samples written",
    ):
        assert line in said.out
    assert page.read_text().count("<!DOCTYPE html>") == 2
    assert book.reached() == []


async def test_a_sample_shows_where_its_reader_unsubscribes_and_nobody_else_can(
    book: Stand, commands: Commands, tmp_path: Path
) -> None:
    """G14: as the mail will end, only that the link leads nowhere."""
    page, here = tmp_path / "samples.html", "https://mail.example.org"
    known = {"LIFECYCLE_SECRET": "s" * 40, "LIFECYCLE_PUBLIC_URL": here}
    said = await commands("campaign", "preview", *NEWS, "--html", str(page), **known)
    assert said.status == 0, said.err
    assert said.out.count(f"Unsubscribe from these e-mails: {here}/unsubscribe/sample") == 2
    assert page.read_text().count(f'"{here}/unsubscribe/') == 2
    assert page.read_text().count(f'"{here}/unsubscribe/sample"') == 2


async def test_a_preview_says_of_whom_the_rules_say_what_they_will_say(
    book: Stand, commands: Commands
) -> None:
    """What is foretold is what becomes of it."""
    foretold = json.loads((await commands("campaign", "preview", *NEWS, "--json")).out)
    assert (foretold["matched"], foretold["now"], len(foretold["samples"])) == (6, 2, 2)
    assert foretold["skipped"] == {
        "no address": 1, "cancelled account": 1, "on hold": 1, "suppressed": 1,
    }  # fmt: skip
    counts = await book.send("in segment leads")
    assert counts == {"sent": 2, "skipped": 4}
    became = await book.outcomes()
    for one in foretold["first"]:
        assert (one["when"] == "now") == (became[one["account"]].status == "sent")


async def test_a_preview_of_a_crowd_asks_everybody(stand: Stand, commands: Commands) -> None:
    await stand.crowd(620)
    said = json.loads((await commands("campaign", "preview", *NEWS, "--json")).out)
    assert (said["matched"], said["now"], len(said["first"]), len(said["samples"])) == (
        620,
        620,
        10,
        3,
    )


async def test_send_then_follow_then_report(
    book: Stand, commands: Commands, tmp_path: Path
) -> None:
    """G14: from the command to every account's outcome."""
    book.name = "spring-news"
    said = await commands("campaign", "send", book.name, *NEWS, "--yes")
    assert said.status == 0, said.err
    assert "spring-news is on its way" in said.out
    await book.end()
    shown = await commands("campaign", "show", book.name)
    assert "100 % of 6 accounts" in shown.out
    assert "2 sent · 4 skipped · 0 failed · 0 cancelled · 0 waiting" in shown.out
    assert "The account has no address for contact" in shown.out
    listed = await commands("campaign", "list")
    assert "spring-news  done" in listed.out
    report = json.loads((await commands("campaign", "report", book.name, "--json")).out)
    assert report["mails"] == {"sent": 2, "skipped": 4}
    assert {one["account"]: one["status"] for one in report["accounts"]} == {
        "ada": "sent", "bob": "sent", "cyd": "skipped",
        "dan": "skipped", "eve": "skipped", "fay": "skipped",
    }  # fmt: skip
    only = await commands("campaign", "report", book.name, "--status", "skipped", "--limit", "1")
    assert "There may be more: --after cyd" in only.out
    assert "Each account is asked again when its mail is sent" in only.out
    assert report["evaluated"] == "when sent"
    assert "ada" not in only.out.partition("Name")[2]
    file = tmp_path / "report.csv"
    assert (
        "6 rows written"
        in (await commands("campaign", "report", book.name, "--csv", str(file))).out
    )
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [row["account"] for row in rows] == ["ada", "bob", "cyd", "dan", "eve", "fay"]
    assert rows[0]["to"] == "ada@example.com"
    mails = await commands("mail", "list", "--campaign", book.name, "--status", "sent", "--json")
    assert len(json.loads(mails.out)["deliveries"]) == 2


async def test_the_same_name_again(book: Stand, commands: Commands) -> None:
    """One that is done says so; another campaign under the name is refused; one that was ended goes on."""
    send = ("campaign", "send", "spring-news", *NEWS)
    book.name = "spring-news"
    assert (await commands(*send, "--pace", "1/hour", "--yes")).status == 0
    await book.counted(sent=1)
    await book.handle.terminate("by hand")
    assert "spring-news goes on" in (await commands(*send)).out
    assert "is running again" not in (await commands("campaign", "pace", "spring-news", "none")).out
    await book.end()
    again = await commands(*send, "--yes")
    assert (again.status, "is done already: nothing new is sent." in again.out) == (0, True)
    other = await commands(
        "campaign", "send", "spring-news", "--where", "type is Customer", *NEWS[2:]
    )
    assert other.status == 1
    assert "spring-news is another campaign" in other.err
    assert len(book.reached()) == 2


async def test_without_a_terminal_it_is_sent_with_yes_only(book: Stand, commands: Commands) -> None:
    said = await commands("campaign", "send", "spring-news", *NEWS)
    assert said.status == 1
    assert "2 mails would be sent." in said.err
    assert "--yes" in said.err
    listed = await commands("campaign", "list")
    assert "None was sent yet" in listed.out


async def test_orders(book: Stand, commands: Commands) -> None:
    """Pause, resume, another pace, cancel; each told, kept with its author, and refused when it makes no sense."""
    book.name = "spring-news"
    await commands("campaign", "send", book.name, *NEWS, "--pace", "60/hour", "--yes")
    await book.counted(sent=1)
    assert "is paused" in (await commands("campaign", "pause", book.name, "--reason", "typo")).out
    shown = (await commands("campaign", "show", book.name)).out
    assert "paused by ann: typo" in shown
    again = await commands("campaign", "pause", book.name)
    assert (again.status, "is paused already" in again.err) == (1, True)
    assert "is running again" in (await commands("campaign", "resume", book.name)).out
    paced = await commands("campaign", "pace", book.name, "10/minute")
    assert "sent at 600 mails an hour" in paced.out
    cancelled = await commands("campaign", "cancel", book.name, "--reason", "wrong", "--json")
    assert json.loads(cancelled.out)["status"] == "cancelled"
    await book.end()
    late = await commands("campaign", "resume", book.name)
    assert (late.status, "is cancelled already" in late.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("send", "x", "--segment", "leds", *NEWS[2:]), 1, "Did you mean leads?"),
        (("send", "x", "--where", "salles is lead", *NEWS[2:]), 1, "^^^^^^"),
        (("send", "x", *NEWS[:2], "--template", "feature_new"), 1, "Did you mean feature_news?"),
        (("send", "x", *NEWS[:2], "--template", "lead_logged_in"), 1, "there is no 'event' here"),
        (("send", "x", *NEWS, "--to", "contct"), 1, "Did you mean contact?"),
        (("send", "x", *NEWS, "--to", "cs_ops"), 1, "No account has a 'cs_ops'."),
        (("send", "x", *NEWS, "--pace", "quick"), 2, "Write it like 200/hour"),
        (("send", "x", *NEWS, "--pace", "0/hour"), 2, "Write it like 200/hour"),
        (("send", "x", *NEWS[2:]), 2, "Say to whom"),
        (("send", "X Y", *NEWS), 1, "cannot name a campaign"),
        (("show", "nothing"), 1, "There is no campaign 'nothing'."),
        (("pause", "nothing"), 1, "There is no campaign 'nothing'."),
    ],
)
async def test_a_slip_is_told_before_anything_is_sent(
    book: Stand, commands: Commands, words: tuple[str, ...], status: int, told: str
) -> None:
    said = await commands("campaign", *words)
    assert (said.status, told in said.err) == (status, True), said.err
    assert book.reached() == []


async def test_a_template_that_breaks_with_an_account_s_own_values_is_found_first(
    book: Stand, commands: Commands, tmp_path: Path
) -> None:
    """The subject takes a value that only some accounts have: the check finds it, before anything is sent."""
    email = tmp_path / "templates" / "email"
    (email / "broken").mkdir(parents=True)
    (email / "broken" / "subject.txt").write_text("News for {{ account.plan }}")
    (email / "broken" / "body.txt").write_text("Hello")
    (email / "broken" / "body.html").write_text("<p>Hello</p>")
    said = await commands(
        "campaign", "preview", *NEWS[:2], "--template", "broken",
        LIFECYCLE_TEMPLATES_DIR=str(tmp_path / "templates"), COLUMNS="300",
    )  # fmt: skip
    assert said.status == 1
    assert "subject.txt:1: an empty value would be printed here." in " ".join(said.err.split())


async def test_reading_needs_no_server(book: Stand, commands: Commands) -> None:
    """States live in the database."""
    book.name = "spring-news"
    await book.send("sales is lead")
    nowhere = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}
    for words in (("list",), ("show", book.name), ("report", book.name), ("preview", *NEWS)):
        assert (await commands("campaign", *words, **nowhere)).status == 0


async def test_progress_is_asked_of_the_workflow_too(book: Stand) -> None:
    """By Python services and the Temporal UI."""
    await book.begin(per_hour=60)
    await book.counted(sent=1)
    seen = await Campaigns(book.env.client, book.settings.task_queue).progress(book.name)
    assert (seen["status"], seen["per_hour"]) == ("running", 60)
    await book.order(contract.CANCEL)
    await book.end()
