"""Completion of `lifecycle admin …`: which part a shell's question is passed on to."""

import os

import pytest

from lifecycle.completion import pass_on

PARTS = ("admin", "worker")


@pytest.mark.parametrize(
    ("line", "part", "passed"),
    [
        ("lifecycle admin sh", "admin", "lifecycle sh"),
        ("lifecycle admin ", "admin", "lifecycle "),
        ("lifecycle admin set acme --rea", "admin", "lifecycle set acme --rea"),
        ("lifecycle admin", None, "lifecycle admin"),
        ("lifecycle u", None, "lifecycle u"),
        ("lifecycle up ", None, "lifecycle up "),
    ],
)
def test_zsh_and_fish(
    line: str, part: str | None, passed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_LIFECYCLE_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    assert pass_on(PARTS) == part
    assert os.environ["_TYPER_COMPLETE_ARGS"] == passed


def test_bash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_LIFECYCLE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "lifecycle\nadmin\nsh")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert pass_on(PARTS) == "admin"
    assert os.environ["COMP_WORDS"].split() == ["lifecycle", "sh"]
    assert os.environ["COMP_CWORD"] == "1"


def test_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("_LIFECYCLE_COMPLETE", raising=False)
    assert pass_on(PARTS) is None
