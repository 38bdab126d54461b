"""`keys` and `audit`: who is let in by the web door, shown once and kept as a digest."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lifecycle.access import digest_of
from lifecycle.console.completing import api_keys
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.sessions import link_of
from tests.admin.conftest import Admin


@pytest.fixture
async def admin(admin: Admin, surroundings: Path) -> Admin:
    """Commands over an empty database."""
    await migrate_database(f"sqlite:///{surroundings / 'lifecycle.db'}")
    return admin


def everything_in(folder: Path) -> str:
    with sqlite3.connect(folder / "lifecycle.db") as connection:
        return "\n".join(connection.iterdump())


def test_a_key_is_shown_once_and_listed_without_it(admin: Admin, surroundings: Path) -> None:
    made = admin("keys", "make", "crm", "--role", "service")
    assert made.status == 0
    assert "The key of crm, service. Keep it now: it is not shown again." in made.out
    key = next(word for word in made.out.split() if word.startswith("lc_") and len(word) == 46)
    assert digest_of(key) in everything_in(surroundings)
    assert key not in everything_in(surroundings)
    listed = admin("keys", "list").out
    assert "crm" in listed
    assert "never" in listed
    assert key not in listed + admin("keys", "--json").out + admin("audit", "--json").out


def test_revoking_keeps_who_and_frees_the_name(admin: Admin) -> None:
    admin("keys", "make", "crm", "--role", "service")
    again = admin("keys", "make", "crm", "--role", "viewer")
    assert (again.status, again.out) == (1, "")
    assert "There is a valid key 'crm' already." in again.err
    assert admin("keys", "revoke", "crm", "--as", "bo").out == "The key crm is revoked.\n"
    assert "None." in admin("keys").out
    assert "by bo" in " ".join(admin("keys", "list", "--revoked").out.split())
    assert admin("keys", "make", "crm", "--role", "viewer").status == 0


def test_a_key_that_is_not_there_is_named_with_the_nearest(admin: Admin) -> None:
    admin("keys", "make", "salesforce", "--role", "service")
    said = admin("keys", "revoke", "salesfroce")
    assert (said.status, said.err) == (
        1,
        "There is no valid key 'salesfroce'.\nDid you mean salesforce?\n",
    )


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("make", "crm"), 2, "Missing option '--role'"),
        (("make", "crm", "--role", "root"), 2, "'root' is not one of"),
        (("make", " ", "--role", "csm"), 1, "A name has 1 to 120 characters"),
        (("make", "a\nb", "--role", "csm"), 1, "A name has 1 to 120 characters"),
        (
            ("link", "crm", "--role", "service"),
            1,
            "The role service is for programs: they have keys.",
        ),
        (("sign-out", "nobody"), 1, "Nobody is signed in as 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said(
    admin: Admin, words: tuple[str, ...], status: int, said: str
) -> None:
    answer = admin("keys", *words)
    assert answer.status == status
    assert said in " ".join(answer.err.split())


async def person_of(folder: Path, address: str) -> Any:
    store = Store(make_engine(f"sqlite:///{folder / 'lifecycle.db'}"))
    try:
        token = address.rpartition("/")[2]
        return await link_of(store, digest_of(token), datetime.now(UTC))
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("words", "name", "role"),
    [((), "ann", "admin"), (("Ben Ross", "--role", "csm"), "Ben Ross", "csm")],
)
def test_a_link_lets_in_who_is_named_and_else_oneself(
    admin: Admin, surroundings: Path, words: tuple[str, ...], name: str, role: str
) -> None:
    (surroundings / "web.json").write_text('{"port": 8412}')
    made = json.loads(admin("keys", "link", *words, "--json").out)
    assert made["address"].startswith("http://127.0.0.1:8412/sign-in/")
    assert (made["name"], made["role"]) == (name, role)
    person = asyncio.run(person_of(surroundings, made["address"]))
    assert (person.name, person.role) == (name, role)


def test_a_links_address_is_the_one_people_have(admin: Admin) -> None:
    base = {"LIFECYCLE_BASE_URL": "https://lifecycle.example.com/"}
    made = json.loads(admin("keys", "link", "--json", **base).out)
    assert made["address"].startswith("https://lifecycle.example.com/sign-in/")
    assert json.loads(admin("keys", "link", "--json").out)["address"].startswith("/sign-in/")


def test_signing_somebody_out_voids_their_links(admin: Admin, surroundings: Path) -> None:
    address = json.loads(admin("keys", "link", "Ben", "--role", "csm", "--json").out)["address"]
    assert admin("keys", "sign-out", "Ben").out == "Ben is signed out everywhere.\n"
    assert asyncio.run(person_of(surroundings, address)) is None


def test_the_audit_says_who_did_what(admin: Admin) -> None:
    assert admin("audit").out == "Nothing yet.\n"
    admin("keys", "make", "crm", "--role", "service")
    admin("keys", "link", "Ben", "--role", "csm", "--as", "bo")
    admin("keys", "sign-out", "Ben")
    admin("keys", "revoke", "crm")
    told = [" ".join(line.split()) for line in admin("audit", "--utc").out.splitlines()]
    for line, said in zip(
        told[1:],
        (
            "ann revoked the key crm, service",
            "ann ended the sessions and links of Ben",
            "bo made a sign-in link for Ben, csm",
            "ann made the key crm, service",
        ),
        strict=True,
    ):
        assert line.endswith(said)
    page = json.loads(admin("audit", "--limit", "1", "--json").out)
    assert [row["what"] for row in page["audit"]] == ["key_revoked"]
    rest = json.loads(admin("audit", "--before", str(page["before"]), "--json").out)
    assert [row["what"] for row in rest["audit"]] == ["shut_out", "link_made", "key_made"]
    only = json.loads(admin("audit", "--what", "link_made", "--who", "bo", "--json").out)
    assert len(only["audit"]) == 1


def test_names_are_completed(admin: Admin) -> None:
    admin("keys", "make", "crm", "--role", "service")
    admin("keys", "make", "old", "--role", "csm")
    admin("keys", "revoke", "old")
    assert list(api_keys("")) == [("crm", "service")]
    assert list(api_keys("x%")) == []
