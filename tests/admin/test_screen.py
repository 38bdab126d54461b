"""What a person or a service wrote is shown as it was written, and cannot steer the terminal."""

import pytest
from rich.text import Text

from lifecycle.console.screen import Screen, columns

HOSTILE = "Acme [eu] [/b] :smile: \x1b]0;owned\x07\x1b[2J\x9b31m\x7f"
READ = "Acme [eu] [/b] :smile: ]0;owned[2J31m"


@pytest.mark.parametrize("forced", ["", "1"])
def test_values_are_shown_as_they_are(
    forced: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Piped (no colour is forced) and on a terminal, in paragraphs and in tables."""
    monkeypatch.setenv("FORCE_COLOR", forced)
    monkeypatch.setenv("COLUMNS", "120")
    screen = Screen()
    assert screen.console.is_terminal is bool(forced)
    table = columns("Plain", "Styled")
    table.add_row(HOSTILE, Text(HOSTILE, style="red"))
    screen.table(table)
    screen.say(HOSTILE)
    screen.indented(HOSTILE, style="dim")
    shown = capsys.readouterr().out
    assert shown.count(READ) == 4
    assert "owned\x07" not in shown
    assert "\x1b[2J" not in shown
    assert ("\x1b[31m" in shown) is bool(forced)


def test_lines_stay_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().say("first\nsecond")
    assert capsys.readouterr().out == "first\nsecond\n"
