"""The dashboard says what `admin report` says, in tables, files and charts; a refusal stays in its card (G10, G15)."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from lifecycle.roles import Role
from lifecycle.telling.reports.kinds import KINDS
from lifecycle.web.pages.dashboard.cards import CARDS
from tests.admin.conftest import Admin
from tests.web.as_who import as_role
from tests.web.dashboard.conftest import House
from tests.web.dashboard.reading import Table, charts, tables


@dataclass(frozen=True)
class Asked:
    """A report at two doors; `heads` are columns of its table with the names programs know them by."""

    name: str
    query: str
    words: tuple[str, ...]
    heads: dict[str, str]


THEN = ("--as-of", "2026-03-01")
LAUNCHED = ("--from", "400d", "-l", "customer_journey", "--start", "launched")
ACCOUNTS = {"Accounts": "accounts"}
MOVES = {"Moves": "moves", "Accounts": "accounts"}
SHARED = (
    Asked(
        "distribution",
        "",
        (),
        {"Accounts": "accounts", "Late": "late", "Median days": "median_days"},
    ),
    Asked(
        "distribution",
        "as_of=2026-03-01&segment=customers",
        (*THEN, "--segment", "customers"),
        ACCOUNTS,
    ),
    Asked("distribution", "as_of=2026-03-01&known=now", (*THEN, "--known", "now"), ACCOUNTS),
    Asked("transitions", "from=2025-01-01", ("--from", "2025-01-01"), MOVES),
    Asked(
        "transitions", "period=last-quarter", ("--from", "2026-01-01", "--to", "2026-03-31"), MOVES
    ),
    Asked("transitions", "period=quarter", ("--from", "2026-04-01"), MOVES),
    Asked(
        "time-in-stage", "", (), {"Stays": "stays", "Median": "median_days", "Still there": "open"}
    ),
    Asked("time-in-stage", "period=90d", ("--from", "90d"), {"Stays": "stays"}),
    Asked(
        "funnel",
        "from=400d",
        ("--from", "400d"),
        {"Reached": "reached", "Median days": "median_days"},
    ),
    Asked(
        "funnel",
        "from=400d&lifecycle=customer_journey&start=launched",
        LAUNCHED,
        {"Reached": "reached"},
    ),
    Asked("velocity", "by=month", ("--by", "month"), {"Began": "began", "Ended": "ended"}),
    Asked("forecast", "by=week&days=60", ("--by", "week", "--days", "60"), {"How often": "number"}),
    Asked("forecast", "by=day&by_csm=yes", ("--by-csm",), {"How often": "number", "CSM": "csm"}),
    Asked("late", "", (), {"Account": "name", "Days": "days", "Over": "over"}),
    Asked(
        "stuck",
        "where=type+is+Customer",
        ("--where", "type is Customer"),
        {"Account": "name", "Over": "over"},
    ),
    Asked(
        "manual",
        "from=400d",
        ("--from", "400d"),
        {"Who": "actor", "Times": "number", "Accounts": "accounts"},
    ),
    Asked(
        "manual",
        "from=400d&listed=yes",
        ("--from", "400d", "--list"),
        {"Who": "actor", "Account": "name"},
    ),
    Asked("mail", "", (), {"Template": "template", "Due": "due", "Waiting": "waiting"}),
    Asked("over-time", "by=month&period=12m", ("--by", "month", "--from", "365d"), {}),
    Asked("health", "by=week", (), {}),
    Asked("backtest", "lifecycle=sales", ("-l", "sales"), {"Numbers": "numbers"}),
    Asked("days", "limit=500", (), {"Cycle": "cycle", "Days": "days"}),
)


ONE = "?lifecycle=customer_journey"


def shown(value: Any) -> str:
    """A value of JSON as a cell has it."""
    return "–" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)


def command(asked: Asked) -> tuple[str, ...]:
    """The words of the command that tells the same."""
    return ("forecast", "--backtest") if asked.name == "backtest" else (asked.name,)


def plain(text: str) -> str:
    return text.removesuffix(".0")


@pytest.mark.parametrize("asked", SHARED, ids=lambda one: f"{one.name}?{one.query}")
async def test_tables_and_files_hold_what_admin_tells(
    asked: Asked, viewer: httpx2.AsyncClient, report: Admin
) -> None:
    told = json.loads(report(*command(asked), *asked.words, "--json").out)
    assert told["rows"], "nothing to compare"
    page = await viewer.get(f"/dashboard/{asked.name}?{asked.query}")
    assert page.status_code == 200
    found = tables(page.text)
    for head, name in asked.heads.items():
        cells = [plain(cell) for one in found for cell in one.column(head)]
        assert cells == [plain(shown(row[name])) for row in told["rows"]], head
    file = await viewer.get(f"/dashboard/{asked.name}.csv?{asked.query.replace('limit=500', '')}")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert (
        file.headers["content-disposition"] == f'attachment; filename="{asked.name}-2026-06-01.csv"'
    )
    assert file.text == report(*command(asked), *asked.words, "--csv", "-").out


def test_every_report_is_compared() -> None:
    """The book has no line in shadow: that report has a book of its own (lifecycles/test_shadows.py)."""
    assert {one.name for one in SHARED} == set(KINDS) - {"shadow"}


@pytest.mark.parametrize("name", ["over-time", "health"])
async def test_tables_across_hold_what_admin_tells(
    name: str, viewer: httpx2.AsyncClient, report: Admin
) -> None:
    rows = json.loads(report(name, "--by", "month", "--json").out)["rows"]
    found = tables((await viewer.get(f"/dashboard/{name}?by=month")).text)
    assert sum(len(one.lines) * (len(one.heads) - 1) for one in found) == len(rows)
    numbers = [cell for one in found for line in one.lines for cell in line[1:]]
    first = [0 if cell == "–" else int(cell.split(" ")[0].replace(",", "")) for cell in numbers]
    assert first == [row["accounts"] for row in rows]


# ── charts


async def drawn(viewer: httpx2.AsyncClient, address: str) -> list[dict[str, Any]]:
    return charts((await viewer.get(address)).text)


async def test_charts_are_made_of_the_same_numbers(
    viewer: httpx2.AsyncClient, report: Admin
) -> None:
    one = ("-l", "customer_journey")
    query = "?lifecycle=customer_journey&by=week"
    (columns,) = await drawn(viewer, f"/dashboard/over-time{query}")
    rows = json.loads(report("over-time", *one, "--json").out)["rows"]
    inside = [row["accounts"] for row in rows if row["stage"]]
    assert sum(sum(line["values"]) for line in columns["series"]) == sum(inside)
    (flow,) = await drawn(viewer, f"/dashboard/transitions{query}")
    moves = json.loads(report("transitions", *one, "--json").out)["rows"]
    assert sum(link["number"] for link in flow["links"]) == sum(row["moves"] for row in moves)
    (ranges,) = await drawn(viewer, f"/dashboard/time-in-stage{query}")
    stays = json.loads(report("time-in-stage", *one, "--json").out)["rows"]
    assert [row["median"] for row in ranges["rows"]] == [row["median_days"] for row in stays]
    (ahead,) = await drawn(viewer, f"/dashboard/forecast{query}")
    coming = json.loads(report("forecast", *one, "--by", "week", "--json").out)["rows"]
    wanted = [row["number"] for row in coming if row["kind"] in {"move", "cta"}]
    *armed, expected = ahead["series"]
    assert sum(sum(line["values"]) for line in armed) == sum(wanted)
    all_moves = [row for row in coming if row["kind"] == "moves" and row["expected"] is not None]
    told = [
        pair for pair in zip(expected["low"], expected["high"], strict=True) if pair[0] is not None
    ]
    assert told == [(row["low"], row["high"]) for row in all_moves]
    assert [one for one in expected["values"] if one is not None] == [
        round(row["expected"], 1) for row in all_moves
    ]


async def test_no_band_of_the_flow_runs_in_a_circle(viewer: httpx2.AsyncClient) -> None:
    for flow in await drawn(viewer, "/dashboard/transitions?from=2023-01-01"):
        ends = {link["to"] for link in flow["links"]} - {link["from"] for link in flow["links"]}
        nodes = {node["id"] for node in flow["nodes"]}
        assert {link[end] for link in flow["links"] for end in ("from", "to")} == nodes
        while ends != nodes:
            more = {
                node
                for node in nodes - ends
                if all(link["to"] in ends for link in flow["links"] if link["from"] == node)
            }
            assert more, "a circle"
            ends |= more


@pytest.mark.parametrize("card", [one.report for one in CARDS if one.report != "look"])
async def test_a_card_says_what_its_chart_shows(card: str, viewer: httpx2.AsyncClient) -> None:
    page = (await viewer.get(f"/dashboard/cards/{card}?lifecycle=customer_journey")).text
    (chart,) = charts(page)
    said = chart["says"]
    assert said.endswith(".")
    assert f'role="img" aria-label="{said}"' in page
    assert f"<figcaption>{said}</figcaption>" in page
    assert "As a table" in page
    assert f'href="/dashboard/{card}.csv?lifecycle=customer_journey"' in page
    assert tables(page)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"over-time{ONE}", "Launched grew from 2 to 5, from 8 Mar 2026 to 1 Jun 2026."),
        (f"transitions{ONE}", "27 moves; most often from None to Onboarding: 10."),
        (f"funnel{ONE}", "Of 10 that came to Onboarding, 6 (60 %) reached Launched."),
        (f"velocity{ONE}", "10 cycles began, 1 ended."),
        (
            f"forecast{ONE}",
            (
                "10 moves to come by what is armed; most of them, 2, from 8 Jun."
                " With stays as long as they were, 29 moves to expect: the line, with its 80 %."
            ),
        ),
        (
            f"time-in-stage{ONE}&period=90d",
            "Renewal takes 51.5 days (median); 75 days are expected, and 1 of 2 took longer.",
        ),
        (f"stuck{ONE}", "3 accounts are stuck; Sunmarket the longest, 12 days over in Launched."),
        (
            "late",
            "13 stays are late; Wavelength Telecom the longest, 34 days over in Implementation.",
        ),
        ("manual?period=12m", "59 moves by hand by 4 people; the most by Luca Moretti, 17."),
        ("mail", "Of 10 e-mails: 10 waiting."),
        ("health?period=12m", "Green grew from 6 to 21, from 30 Jun 2025 to 1 Jun 2026."),
    ],
)
async def test_findings(address: str, said: str, viewer: httpx2.AsyncClient) -> None:
    assert said in [chart["says"] for chart in await drawn(viewer, f"/dashboard/{address}")]


@pytest.mark.parametrize("name", sorted(KINDS))
async def test_of_nobody_there_is_nothing_to_tell(name: str, viewer: httpx2.AsyncClient) -> None:
    page = await viewer.get(f"/dashboard/{name}?as_of=2020-01-01&from=2019-12-01")
    assert page.status_code == 200
    assert (await viewer.get(f"/dashboard/{name}.csv?as_of=2020-01-01")).status_code == 200


async def test_who_needs_a_look_is_told_once_and_by_why(viewer: httpx2.AsyncClient) -> None:
    page = (await viewer.get("/dashboard/cards/look?lifecycle=customer_journey")).text
    (table,) = tables(page)
    assert table.column("Account") == ["Sunmarket", "Wavelength Telecom", "Gable & Sons"]
    assert set(table.column("What")) == {"Stuck"}
    assert 'href="/accounts/' in page


# ── the dashboard itself


async def test_the_dashboard_asks_for_each_card_by_itself(viewer: httpx2.AsyncClient) -> None:
    page = (await viewer.get("/dashboard?period=12m&where=type+is+Customer")).text
    asked = "lifecycle=customer_journey&amp;period=12m&amp;where=type+is+Customer"
    for card in CARDS:
        assert f'hx-get="/dashboard/cards/{card.report}?{asked}"' in page
    assert f'hx-get="/dashboard/figures?{asked}"' in page
    assert charts(page) == []
    usual = (await viewer.get("/dashboard")).text
    assert 'hx-get="/dashboard/cards/funnel?lifecycle=customer_journey&amp;period=90d"' in usual


async def test_without_a_script_the_tables_are_there(viewer: httpx2.AsyncClient) -> None:
    first = (await viewer.get("/dashboard?period=12m")).text
    assert (
        'content="0; url=/dashboard?lifecycle=customer_journey&amp;period=12m&amp;tables=yes"'
        in first
    )
    page = (await viewer.get("/dashboard?period=12m&tables=yes")).text
    assert {"Day", "From", "When", "Stage", "What"} <= {one.heads[0] for one in tables(page)}
    assert 'hx-get="/dashboard/' not in page


async def test_a_report_that_fails_says_so_in_its_card(viewer: httpx2.AsyncClient) -> None:
    whole = await viewer.get("/dashboard?where=nonsense+everywhere")
    card = await viewer.get("/dashboard/cards/funnel?where=nonsense+everywhere")
    assert (whole.status_code, card.status_code) == (200, 422)
    assert "Funnel and pace" in card.text
    assert 'role="alert"' in card.text
    assert "nonsense everywhere" in card.text
    assert "hx-retarget" not in card.headers


async def test_figures_lead_to_their_reports(viewer: httpx2.AsyncClient, report: Admin) -> None:
    page = (await viewer.get("/dashboard/figures?lifecycle=customer_journey")).text
    late = json.loads(report("late", "-l", "customer_journey", "--json").out)["rows"]
    assert f'<a href="/dashboard/late?lifecycle=customer_journey">{len(late)}</a>' in page
    then = (await viewer.get("/dashboard/figures?as_of=2026-03-01")).text
    assert "CTAs due" in page
    assert "CTAs due" not in then


async def test_ctas_due_are_counted_although_they_belong_to_no_lifecycle(
    viewer: httpx2.AsyncClient, report: Admin
) -> None:
    """G11: the figure is that of the report it leads to, whatever lifecycle the dashboard is about."""
    said = json.loads(report("forecast", "--days", "7", "--json").out)["rows"]
    due = sum(row["number"] for row in said if row["kind"] == "cta")
    page = (await viewer.get("/dashboard/figures?lifecycle=customer_journey")).text
    assert due > 0
    assert f'<a href="/dashboard/forecast?days=7">{due}</a>' in page


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/dashboard/fnnel", 404, "Did you mean funnel"),
        ("/dashboard/fnnel.csv", 404, "Did you mean funnel"),
        ("/dashboard/cards/nothing", 404, "There is no card"),
        ("/dashboard/funnel?lifecycle=custmer_journey", 422, "customer_journey"),
        ("/dashboard/funnel?from=2027-01-01", 422, "The days from"),
        ("/dashboard/funnel?start=launched", 422, "Name the lifecycle too"),
        ("/dashboard/late?as_of=2027-01-01", 422, "yet to come"),
        ("/dashboard/forecast?days=9999", 422, "days"),
        ("/dashboard/days?account=%00", 422, "account"),
        ("/dashboard/mail?period=forever", 422, "period"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    address: str, status: int, said: str, viewer: httpx2.AsyncClient
) -> None:
    answer = await viewer.get(address)
    assert answer.status_code == status
    assert said in answer.text


async def test_options_of_other_reports_are_left_aside(viewer: httpx2.AsyncClient) -> None:
    """The links from page to page keep what was asked."""
    answer = await viewer.get("/dashboard/late?period=12m&by=month&from=2026-01-01&known=now")
    assert answer.status_code == 200


async def test_pages_of_a_long_list(viewer: httpx2.AsyncClient) -> None:
    first = await viewer.get("/dashboard/days?limit=2")
    (link,) = [line for line in first.text.splitlines() if 'rel="next"' in line]
    address = link.split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = tables((await viewer.get(address)).text)
    assert len({one.caption for one in tables(first.text)}) == 2
    assert not {one.caption for one in tables(first.text)} & {one.caption for one in second}
    few = await viewer.get("/dashboard/late?limit=3")
    assert "3 of 13; the file has all" in few.text


async def test_services_see_no_dashboard(house: House) -> None:
    async with as_role(house.app, house.store, Role.SERVICE, key=True) as service:
        assert (await service.get("/dashboard/late.csv")).status_code == 403


def test_a_table_is_read_as_it_stands() -> None:
    """The reader of these tests sees what is wrong."""
    html = "<table><caption>c</caption><tr><th>a<th></tr><tr><td>1 <b>2</b></td></tr></table>"
    assert tables(html.replace("<th></tr>", "</th></tr>")) == [Table("c", ["a"], [["1 2"]])]
