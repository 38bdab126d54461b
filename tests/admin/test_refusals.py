"""Every wrong word gets an answer that says what, where and what to do, with a status scripts can rely on."""

import json
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from lifecycle.settings import Settings
from lifecycle.store.migrate import migrate
from tests.admin.conftest import Admin

MOVE = ("set", "acme", "customer_journey", "adopting", "--reason", "x")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "acmee"), "There is no account 'acmee'.\nDid you mean acme?"),
        (("show", "Acme Gmbhh"), "There is no account 'Acme Gmbhh'.\nDid you mean acme?"),
        (("why", "acme", "sals"), "Unknown lifecycle 'sals'.\nDid you mean sales?"),
        (("list", "--lifecycle", "sals"), "Unknown lifecycle 'sals'.\nDid you mean sales?"),
        (
            ("list", "--lifecycle", "sales", "--stage", "leed"),
            "Sales has no stage 'leed'.\nDid you mean lead?",
        ),
        (
            ("set", "acme", "sales", "costumer", "--reason", "x"),
            "Sales has no stage 'costumer'.\nDid you mean customer?",
        ),
        (
            ("event", "acme", "kickof.held"),
            "Unknown event 'kickof.held'.\nDid you mean kickoff.held?",
        ),
        (("event", "acmee", "kickoff.held"), "There is no account 'acmee'.\nDid you mean acme?"),
        (
            ("event", "acme", "stage.late"),
            "Only the engine raises stage.late.\nSend the fact it stands for.",
        ),
        (
            ("hold", "acme", "--until", "next week", "--reason", "x"),
            "'next week' is no date.\nWrite it like 2026-07-01, 2026-07-01 09:00, 14d or 2 weeks.",
        ),
        (
            ("mail", "show", "acme/x"),
            "There is no delivery 'acme/x'.\nlifecycle admin mail list shows them.",
        ),
        (
            ("mail", "list", "--template", "welcom"),
            "There is no template 'welcom'.\nDid you mean welcome?",
        ),
        (
            ("definitions", "show", "sals"),
            "There is no lifecycle, segment or scorecard 'sals'.\nDid you mean sales?",
        ),
        (
            ("fast-forward", "acme", "14 parsecs"),
            "'14 parsecs' is no length of time.\nWrite it like 14d, 36h or 2 weeks.",
        ),
    ],
)
def test_a_wrong_word_is_refused_with_a_remedy(
    words: tuple[str, ...], said: str, looking: Admin
) -> None:
    answer = looking(*words)
    assert (answer.status, answer.out, answer.err) == (1, "", f"{said}\n")


def test_a_refusal_is_json_for_programs(looking: Admin) -> None:
    answer = looking("show", "acmee", "--json")
    assert (answer.status, answer.out) == (1, "")
    error = json.loads(answer.err)["error"]
    assert (error["code"], error["remedy"]) == ("unknown_account", "Did you mean acme?")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "acme", "sales", "lead"), "Missing option '--reason'"),
        (("list", "--stage", "lead"), "name it with --lifecycle"),
        (("fields", "acme", "plan"), "'plan' is not NAME=VALUE"),
        (("fields", "acme", "plan=Pro", "plan=Free"), "plan is given twice"),
        (("event", "acme", "kickoff.held", "--json-data", "{"), "It is not JSON"),
        (("event", "acme", "kickoff.held", "--json-data", "[]"), "It is not a JSON object"),
        (("definitions", "schema", "lifecycles"), "There is no 'lifecycles'"),
        (("shoow", "acme"), "No such command"),
    ],
)
def test_a_command_typed_wrongly_is_status_2(
    words: tuple[str, ...], said: str, looking: Admin
) -> None:
    answer = looking(*words, COLUMNS="200")
    assert answer.status == 2
    assert said in answer.err


# ── nothing there


def test_no_database_yet_says_where_and_leaves_none_behind(
    admin: Admin, surroundings: Path
) -> None:
    answer = admin("list", COLUMNS="300")
    assert answer.status == 3
    assert answer.err.startswith(f"There is no database at {surroundings / 'lifecycle.db'} yet.\n")
    assert "lifecycle up" in answer.err
    assert list(surroundings.iterdir()) == []


def test_a_database_server_that_is_not_there(admin: Admin) -> None:
    answer = admin(
        "list", LIFECYCLE_DATABASE_URL="postgresql://me:secret@127.0.0.1:1/crm", COLUMNS="200"
    )
    assert answer.status == 3
    assert answer.err.startswith(
        "The database postgresql+asyncpg://me:***@127.0.0.1:1/crm cannot be used: "
    )
    assert "LIFECYCLE_DATABASE_URL" in answer.err


def test_a_database_newer_than_the_code_is_left_alone(admin: Admin, surroundings: Path) -> None:
    settings = Settings(state_dir=surroundings)
    migrate(settings.database)
    with closing(sqlite3.connect(surroundings / "lifecycle.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (("list",), ("migrate",)):
        answer = admin(*words)
        assert answer.status == 3
        assert "The database is newer than this release: it is at migration 9999" in answer.err


def test_migrate_makes_a_database_and_lists_need_one_that_is_migrated(
    admin: Admin, surroundings: Path
) -> None:
    sqlite3.connect(surroundings / "lifecycle.db").close()
    assert "Run: lifecycle admin migrate" in admin("list").err
    assert admin("migrate").status == 0
    assert "definitions publish" in admin("list").err


def test_no_temporal_server_is_told_within_seconds_with_its_address(looking: Admin) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        begun = time.monotonic()
        answer = looking(*MOVE, TEMPORAL_ADDRESS=address)
    assert answer.status == 3
    assert f"No Temporal server at {address}" in answer.err
    assert time.monotonic() - begun < 10


def test_clocks_of_other_servers_are_not_moved(looking: Admin) -> None:
    answer = looking(
        "fast-forward", "acme", "14d", TEMPORAL_ADDRESS="temporal.example.com:7233", COLUMNS="200"
    )
    assert answer.status == 1
    assert "not on the Temporal server at temporal.example.com:7233" in answer.err


def test_settings_that_cannot_be_used_are_told(looking: Admin) -> None:
    answer = looking("list", LIFECYCLE_ZONE="Europe/Atlantis")
    assert answer.status == 1
    assert "write a time zone like Europe/Berlin" in answer.err
