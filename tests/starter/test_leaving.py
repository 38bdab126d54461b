"""A command ends with its own status, however Python would have fared."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("print('out')", 0, "out"),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no')", 1, "no"),
        ("(print('out'), sys.exit(None))", 0, "out"),
    ],
)
def test_a_command_ends_with_its_status_and_all_it_said(
    command: str, status: int, said: str
) -> None:
    # A thread that never ends would hold Python back.
    code = (
        "import sys, threading; from lifecycle.leaving import leave_after;"
        "threading.Thread(target=threading.Event().wait).start();"
        f"leave_after(lambda: {command})"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )
    assert ran.returncode == status
    assert said in ran.stdout + ran.stderr


def test_a_fault_of_ours_is_shown() -> None:
    code = "from lifecycle.leaving import leave_after; leave_after(lambda: 1 / 0)"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )
    assert ran.returncode == 1
    assert "ZeroDivisionError" in ran.stderr
