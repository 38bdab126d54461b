"""The command as a shell starts it: completion, colour on a terminal only, statuses, no tracebacks."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.admin.conftest import Admin

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, str(ROOT / "admin.py")]


@pytest.fixture
def shell(filled: Path, surroundings: Path) -> dict[str, str]:
    """The environment of a shell that works over the book."""
    return {**os.environ, "LIFECYCLE_STATE_DIR": str(filled)}


def completed(line: str, shell: dict[str, str]) -> list[str]:
    """What bash offers at the end of a line."""
    words = line.split(" ")
    asked = {
        "_ADMIN.PY_COMPLETE": "complete_bash",
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    ran = subprocess.run(PROGRAM, env=shell | asked, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    return ran.stdout.split("\n")[:-1] if ran.stdout.endswith("\n") else ran.stdout.split("\n")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("admin.py sh", ["show"]),
        ("admin.py show ", ["acme", "globex", "hooli", "initech", "umbrella"]),
        ("admin.py show um", ["umbrella"]),
        ("admin.py set acme customer_", ["customer_journey", "customer_stages"]),
        ("admin.py set acme sales ", ["lead", "prospect", "customer", "None"]),
        ("admin.py list --lifecycle sales --stage l", ["lead"]),
        ("admin.py fields acme renewal", ["renewal_date="]),
        ("admin.py event acme kick", ["kickoff.held"]),
        ("admin.py mail list --template w", ["welcome"]),
        ("admin.py definitions show e", ["escalation"]),
        ("admin.py definitions show ren", ["renewals_at_risk"]),
        ("admin.py definitions show hea", ["health"]),
        ("admin.py definitions show seg", ["segments"]),
        ("admin.py cta close acme ", ["2", "3", "4", "6"]),
        ("admin.py cta snooze globex ", ["1", "2", "3"]),
        ("admin.py cta assign acme 2 --to cs", ["csm", "cs_managers", "cs_ops"]),
        ("admin.py cta open acme Call --playbook k", ["kickoff"]),
        ("admin.py cta open acme Call --priority h", ["high"]),
        ("admin.py task done globex 1 in", ["invite", "introduce_support"]),
        ("admin.py ctas --owner cu", ["customer_success"]),
        ("admin.py ctas --kind ri", ["risk"]),
    ],
)
def test_the_shell_completes(line: str, offered: list[str], shell: dict[str, str]) -> None:
    assert completed(line, shell) == offered


def test_completion_without_a_database_is_silent(shell: dict[str, str], tmp_path: Path) -> None:
    there_is_none = {**shell, "LIFECYCLE_STATE_DIR": str(tmp_path)}
    assert "".join(completed("admin.py show a", there_is_none)) == ""
    assert list(tmp_path.iterdir()) == []


def test_a_process_ends_with_the_status_and_no_traceback(shell: dict[str, str]) -> None:
    ran = subprocess.run(
        [*PROGRAM, "show", "acmee"], env=shell, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "There is no account 'acmee'.\nDid you mean acme?\n"


def test_colour_is_for_terminals_only(shell: dict[str, str]) -> None:
    piped = subprocess.run([*PROGRAM, "show", "acme"], env=shell, capture_output=True, check=True)
    assert b"\x1b[" not in piped.stdout
    assert b"\x1b[" in on_a_terminal(["show", "acme"], {**shell, "TERM": "xterm-256color"})
    plain = {**shell, "TERM": "xterm-256color", "NO_COLOR": "1"}
    assert b"\x1b[3" not in on_a_terminal(["show", "acme"], plain)


def on_a_terminal(words: list[str], env: dict[str, str]) -> bytes:
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*PROGRAM, *words], env=env, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 65536):
            seen += piece
    except OSError:  # how Linux tells the end of a terminal
        pass
    os.close(ours)
    assert process.wait() == 0
    return seen


@pytest.mark.parametrize(
    "command",
    [
        *("show", "list", "why", "history", "forecast", "set", "clear", "undo", "hold", "release"),
        *("fields", "event", "fast-forward", "migrate", "mail list", "mail show", "mail resend"),
        *("definitions check", "definitions show", "definitions diagram", "definitions list"),
        *("definitions publish", "ctas", "cta show", "cta open", "cta close", "cta snooze"),
        *("cta wake", "cta assign", "task list", "task done"),
    ],
)
def test_every_command_has_help_and_answers_in_json(command: str, admin: Admin) -> None:
    said = admin(*command.split(), "--help", COLUMNS="120")
    assert said.status == 0
    assert "--json" in said.out
