"""Tables and charts of what a report holds: long lists are cut, and nothing written in an account becomes markup."""

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from pydantic import SecretStr

from lifecycle.settings import Settings
from lifecycle.store.reports.manual import ByHand, Verb
from lifecycle.telling.reports.kinds import KINDS
from lifecycle.telling.reports.report import Column, Report
from lifecycle.web.charts.chart import Chart, Series, bars
from lifecycle.web.pages import Pages
from lifecycle.web.pages.dashboard.cards import CARDS
from lifecycle.web.pages.dashboard.routes import Shown, Told
from lifecycle.web.pages.dashboard.sheets import MOST, sheets_of, shown_of
from lifecycle.web.pages.dashboard.wishes import Wish
from tests.web.conftest import SECRET
from tests.web.dashboard.reading import charts, tables

HOSTILE = "</script><img src=x onerror=alert(1)> & 'Söhne' \u2028"


def moved(reason: str) -> ByHand:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    return ByHand(
        at, HOSTILE, Verb.MOVE, "a/b%20c", HOSTILE, "journey", None, "live", reason, False
    )


def listed(*rows: ByHand) -> Report[ByHand]:
    columns: list[Column[ByHand]] = [
        Column("account", "", lambda row: row.account),
        Column("name", "Account", lambda row: row.name),
        Column("reason", "Why", lambda row: row.reason),
    ]
    return Report("manual", "Moves by hand", columns, rows, heading=lambda row: row.reason[:1])


def test_a_long_list_is_cut_for_a_page_and_says_so() -> None:
    report = listed(*(moved(f"{number // 400} {number}") for number in range(1200)))
    first, second = sheets_of(report)
    assert (len(first.lines), len(second.lines)) == (400, 100)
    assert shown_of(report) == MOST == 500
    told = Told(KINDS["manual"], report, "", [], [first, second])
    assert (told.shown, told.total) == (500, 1200)


def test_what_is_written_in_an_account_stays_text(tmp_path: Path) -> None:
    report = listed(moved("why"))
    chart = Chart("bars", HOSTILE, bars([HOSTILE], [Series(HOSTILE, "blue", [1])], [HOSTILE]))
    told = Told(KINDS["manual"], report, HOSTILE, [chart], sheets_of(report))
    pages = Pages(Settings(state_dir=tmp_path, secret=SecretStr(SECRET)))
    answer = pages.page(
        "dashboard_card.html", HTTPStatus.OK, shown=Shown(CARDS[0], [told]), wish=Wish()
    )
    html = bytes(answer.body).decode()
    assert "<img" not in html
    (drawn,) = charts(html)
    assert drawn["says"] == drawn["names"][0] == HOSTILE
    (table,) = tables(html)
    assert table.column("Account") == [HOSTILE.strip()]
    assert 'href="/accounts/a%2Fb%2520c"' in html
