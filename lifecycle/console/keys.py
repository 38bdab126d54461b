"""`keys`: who is let in by the web door. API keys for programs, one-time links for people."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle.access import digest_of, make_key
from lifecycle.core.refusal import Refusal
from lifecycle.letting_in import LASTS, address_of, check_name, make_link
from lifecycle.roles import Role
from lifecycle.store.api_keys import NewKey, api_keys, keep_key, revoke_key
from lifecycle.store.door_tables import ApiKeyRow
from lifecycle.store.sessions import Person, shut_out
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .screen import columns

app: Final = typer.Typer(help="Who is let in by the web door: keys for programs, links for people.")

Name = Annotated[
    str, typer.Argument(help="What the program is called; it is its actor.", show_default=False)
]
KeyName = Annotated[
    str,
    typer.Argument(help="The key's name.", autocompletion=completing.api_keys, show_default=False),
]
PersonName = Annotated[
    str,
    typer.Argument(help="The person's name.", autocompletion=completing.people, show_default=False),
]
Somebody = Annotated[
    str | None,
    typer.Argument(help="The person's name. Default: you.", show_default=False),
]
KeyRole = Annotated[
    Role,
    typer.Option(
        "--role",
        help="service: events only. viewer: looks. csm: looks, commands, events. admin: everything.",
        case_sensitive=False,
        show_default=False,
    ),
]
PersonRole = Annotated[
    Role,
    typer.Option(
        "--role",
        help="viewer: looks. csm: looks and commands. admin: everything.",
        case_sensitive=False,
    ),
]
Revoked = Annotated[bool, typer.Option("--revoked", help="Those that were revoked as well.")]


# ── list


@app.command("list")
def list_(revoked: Revoked = False, as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """List API keys: role, who made them and when, last use (to the hour)."""
    work(lambda desk: _list(desk, revoked), Look(as_json, utc))


@app.callback(invoke_without_command=True)
def alone(
    ctx: typer.Context, revoked: Revoked = False, as_json: o.AsJson = False, utc: o.InUtc = False
) -> None:
    """Who is let in by the web door: keys for programs, links for people. Alone it lists keys."""
    if ctx.invoked_subcommand is None:
        list_(revoked, as_json, utc)


async def _list(desk: Desk, revoked: bool) -> None:
    rows = await api_keys(await desk.store(), revoked)
    if desk.look.as_json:
        desk.screen.data({"keys": [row.model_dump(exclude={"digest"}) for row in rows]})
        return
    if not rows:
        desk.screen.say("None. Make one: keys make NAME --role service")
        return
    _show(desk, rows)


def _show(desk: Desk, rows: list[ApiKeyRow]) -> None:
    table = columns("Name", "Role", "Made", "By", "Last used", keep=["Made", "Last used"])
    for row in rows:
        used = desk.moment(row.last_used_at) if row.last_used_at else "never"
        standing = used if row.revoked_at is None else _revoked(desk, row)
        made, by = desk.moment(row.made_at), Text(row.made_by)
        table.add_row(Text(row.name), row.role.value, made, by, standing)
    desk.screen.table(table, by=0)
    desk.screen.say()
    desk.screen.say(Text(f"{count(len(rows), 'key')}.", style="dim"))


def _revoked(desk: Desk, row: ApiKeyRow) -> Text:
    return Text(f"revoked {desk.moment(row.revoked_at)} by {row.revoked_by}", style="dim")


# ── make, revoke


@app.command("make")
def make(name: Name, role: KeyRole, who: o.As = None, as_json: o.AsJson = False) -> None:
    """Make an API key. It is shown this once: only its digest is kept."""
    work(lambda desk: _make(desk, name, role), Look(as_json, actor=who))


async def _make(desk: Desk, name: str, role: Role) -> None:
    found, key = check_name(name), make_key()
    store = await desk.store()
    await keep_key(store, NewKey(found, role, digest_of(key), desk.actor), desk.now)
    if desk.look.as_json:
        desk.screen.data({"name": found, "role": role.value, "key": key})
        return
    desk.screen.say(f"The key of {found}, {role.value}. Keep it now: it is not shown again.")
    desk.screen.say()
    desk.screen.indented(key)
    desk.screen.say()
    desk.screen.say(
        Text(f"Send it with each request: Authorization: Bearer {key[:6]}…", style="dim")
    )


@app.command("revoke")
def revoke(name: KeyName, who: o.As = None, as_json: o.AsJson = False) -> None:
    """Revoke an API key. It is refused within a few seconds, for good."""
    work(lambda desk: _revoke(desk, name), Look(as_json, actor=who))


async def _revoke(desk: Desk, name: str) -> None:
    await revoke_key(await desk.store(), name, desk.actor, desk.now)
    if desk.look.as_json:
        desk.screen.data({"name": name, "revoked": True})
    else:
        desk.screen.say(f"The key {name} is revoked.")


# ── people


@app.command("link")
def link(
    name: Somebody = None,
    role: PersonRole = Role.ADMIN,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Make a link that lets a person in once, within a quarter of an hour."""
    work(lambda desk: _link(desk, name, role), Look(as_json, actor=who))


async def _link(desk: Desk, name: str | None, role: Role) -> None:
    from lifecycle.embedded.web import remembered_address

    person = Person(check_name(name or desk.actor), role)
    path = await make_link(await desk.store(), person, desk.actor, desk.now)
    address = address_of(desk.settings, path, remembered_address(desk.settings.state_dir))
    if desk.look.as_json:
        until = desk.now + LASTS
        desk.screen.data(
            {"name": person.name, "role": role.value, "address": address, "expires_at": until}
        )
        return
    minutes = int(LASTS.total_seconds() // 60)
    desk.screen.say(f"{person.name} gets in by it as {role.value}, once, within {minutes} minutes:")
    desk.screen.say()
    desk.screen.indented(address)


@app.command("sign-out")
def sign_out(name: PersonName, who: o.As = None, as_json: o.AsJson = False) -> None:
    """End all sessions and unused links of a person, at once."""
    work(lambda desk: _sign_out(desk, name), Look(as_json, actor=who))


async def _sign_out(desk: Desk, name: str) -> None:
    ended = await shut_out(await desk.store(), name, desk.actor, desk.now)
    if not ended:
        said = f"Nobody is signed in as {name!r}, and no link for them is open."
        raise Refusal("not_signed_in", said, "lifecycle admin audit shows who was.", "name")
    if desk.look.as_json:
        desk.screen.data({"name": name, "ended": ended})
    else:
        desk.screen.say(f"{name} is signed out everywhere.")
