"""docs/signalling.md says what is: its commands are run, its tables compared with the handlers."""

import asyncio
import re
import shlex
from pathlib import Path
from typing import Any

from temporalio import workflow

from lifecycle.embedded.server import find_binary
from tests.workflows.town import Town
from workflows.account import AccountLifecycle

DOCS = (Path(__file__).parent.parent.parent / "docs" / "signalling.md").read_text()


def commands() -> list[str]:
    """The `temporal …` commands, continuation lines joined."""
    [block] = re.findall(r"```sh\n(temporal .*?)```", DOCS, re.DOTALL)
    return [one.replace("\\\n", " ") for one in block.strip().split("\n\n")]


async def test_the_commands_work_as_they_stand(town: Town) -> None:
    """G4, V9: a deal, a kickoff, a person's move, and a look, typed at a terminal."""
    acme = town.account()
    client = town.env.client
    there = ["--address", client.service_client.config.target_host, "--namespace", client.namespace]
    for command in commands():
        typed = command.replace("account/acme", f"account/{acme}").replace('"acme"', f'"{acme}"')
        typed = typed.replace("--task-queue lifecycle", f"--task-queue {town.settings.task_queue}")
        process = await asyncio.create_subprocess_exec(
            find_binary(), *shlex.split(typed)[1:], *there,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
    # The last one asks, and its answer can be read as it stands.
    assert '"csm": "Ana Torres"' in said.decode()
    state = await town.state(acme)
    assert state.tracks["customer_journey"].stage == "launched"
    assert state.tracks["onboarding"].stage == "configuration"
    assert state.fields["csm"] == "Ana Torres"


def table(heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    section = DOCS.split(f"## {heading}")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))


def test_every_handler_is_documented() -> None:
    definition = workflow._Definition.from_class(AccountLifecycle)
    assert definition is not None
    assert table("Signals") == {name for name in definition.signals if name}
    assert table("Updates") == set(definition.updates)
    for query in definition.queries:
        assert f"`{query}`" in DOCS


def test_every_handler_says_what_it_is_for() -> None:
    """The Temporal UI shows these."""
    definition = workflow._Definition.from_class(AccountLifecycle)
    assert definition is not None
    handlers: list[Any] = [*definition.signals.values(), *definition.updates.values()]
    assert all(found.description for found in handlers)
