"""docs/reports.md shows what the commands answer; LIFECYCLE_RECORD=1 writes the answers anew."""

import os
import re
import shlex
from pathlib import Path

from lifecycle.console.reporting import app
from tests.admin.conftest import Admin

DOCS = Path(__file__).parent.parent.parent / "docs" / "reports.md"
BLOCK = re.compile(r"```console\n\$ lifecycle admin report ([^\n]*)\n(.*?)```", re.DOTALL)


def test_each_answer_is_the_one_that_is_shown(report: Admin) -> None:
    def answered(found: re.Match[str]) -> str:
        said = report(*shlex.split(found[1]), COLUMNS="100")
        assert (said.status, said.err) == (0, ""), found[1]
        return f"```console\n$ lifecycle admin report {found[1]}\n{said.out}```"

    shown = DOCS.read_text(encoding="utf-8")
    meant = BLOCK.sub(answered, shown)
    if os.environ.get("LIFECYCLE_RECORD") == "1":
        DOCS.write_text(meant, encoding="utf-8")
    assert BLOCK.findall(DOCS.read_text(encoding="utf-8")) == BLOCK.findall(meant)


def test_every_report_is_described() -> None:
    described = set(re.findall(r"\$ lifecycle admin report ([a-z-]+)", DOCS.read_text()))
    assert described == {command.name for command in app.registered_commands}
