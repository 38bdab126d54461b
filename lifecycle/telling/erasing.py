"""Erasing a person, asked for and told: what would go, what went, and what is left (N12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from lifecycle.core.erasing import Words, personal_of, roles_of
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.settings import Settings
from lifecycle.signing import secret_of
from lifecycle.store import erasures
from lifecycle.store.accounts import account_row, find_account
from lifecycle.store.definitions import current_book
from lifecycle.store.erasing_tables import ErasureRow
from lifecycle.store.erasures import Wanted
from lifecycle.store.keyed import keyed_with

from .phrases import count
from .viewer import Viewer

if TYPE_CHECKING:
    from lifecycle.erasing import Erasures

ADDRESS: Final = "address"
NOT_FOUND: Final = (
    "Not found by itself: a first name alone, a nickname or a misspelling in texts that people wrote. Name such words,"
    " and they are looked for, too."
)
WHAT: Final[Mapping[str, tuple[str, str]]] = {
    "journal": (
        "entry of the history, rewritten without them",
        "entries of the history, rewritten without them",
    ),
    "field_change": ("former value of a field", "former values of fields"),
    "effect": (
        "mail or call, its text and recipients",
        "mails and calls, their texts and recipients",
    ),
    "contact_mail": (
        "place under the mail limit, kept under a code",
        "places under the mail limit, kept under a code",
    ),
    "suppressed": (
        "suppressed address, kept out under a code",
        "suppressed addresses, kept out under a code",
    ),
    "visit": ("reason of a move", "reasons of moves"),
    "cta": ("CTA that names them", "CTAs that name them"),
    "ahead": ("thing to come that names them", "things to come that name them"),
    "hook_arrival": ("webhook message", "webhook messages"),
    "hook_map": ("id of another system", "ids of other systems"),
    "sheet_import": ("report of an import", "reports of imports"),
    "sheet_part": ("uploaded file", "uploaded files"),
    "campaign": ("campaign's words", "campaigns' words"),
    "change_set": ("bulk change's words", "bulk changes' words"),
    "change_item": ("command of a bulk change", "commands of bulk changes"),
    "shadowed": ("line in shadow that names them", "lines in shadow that name them"),
    "publication_account": ("promise of a publication", "promises of publications"),
    "rehearsal_account": ("account of a rehearsal", "accounts of rehearsals"),
    "verification": ("verification's findings", "verifications' findings"),
    "outbox": ("message in the outbox folder", "messages in the outbox folder"),
    "runs": ("closed workflow run", "closed workflow runs"),
}
OUTSIDE: Final = "Temporal's closed runs of the accounts"
OUTBOX: Final = f"{OUTSIDE}, and messages in the outbox folder"
OTHER: Final = ("other row", "other rows")


@dataclass(frozen=True, slots=True)
class Going:
    """So many rows of one kind."""

    what: str
    number: int
    said: str


@dataclass(frozen=True, slots=True)
class Concerned:
    """An account that knows them; `fields` are the labels of those that lose their values."""

    account: str
    name: str
    fields: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is to be erased: of `account` everybody, or the person of a role or with an address; without an account,
    whoever has an address, everywhere. `also` are texts they are known by, too."""

    account: str = ""
    person: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go. `elsewhere` are accounts that know the same addresses and are not asked for, `outside` says what
    goes that is no row of the database."""

    account: str
    name: str
    person: str
    accounts: list[Concerned]
    going: list[Going]
    elsewhere: list[str]
    outside: str
    wanted: Wanted = field(repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of them is left to go."""
        return not self.going and not any(one.fields for one in self.accounts)


# ── before


async def preview(viewer: Viewer, settings: Settings, asked: Asked) -> Preview:
    """What would go, without doing it. Raises `Refusal`."""
    secret = _secret(settings)
    book, _ = await current_book(viewer.store)
    person = asked.person.strip()
    row = await find_account(viewer.store, asked.account) if asked.account else None
    wanted = _wanted(book, person, asked.also, row is not None)
    account = row.id if row is not None else ""
    found = await erasures.foresee(viewer.store, book, account, wanted, keyed_with(secret))
    accounts = [await _concerned(viewer, book, one, wanted) for one in found.accounts]
    return Preview(
        account,
        (row.name or row.id) if row is not None else "",
        ADDRESS if wanted.address else wanted.role,
        accounts,
        going(found.tally),
        await _elsewhere(viewer, wanted, found.accounts),
        OUTBOX if settings.mail == "outbox" else OUTSIDE,
        wanted,
    )


def _secret(settings: Settings) -> str:
    found = secret_of(settings)
    if found is None:
        said = "An erased address stays out of mail by a code, and the secret that makes it is not set."
        raise Refusal("no_secret", said, "Set LIFECYCLE_SECRET (docs/settings.md).", "secret")
    return found


def _wanted(book: Book, person: str, also: Sequence[str], has_account: bool) -> Wanted:
    words = [text.strip() for text in also if text.strip()]
    for text in words:
        if not Words([text]):
            said = f"{text!r} is too short to be looked for."
            raise Refusal("too_short", said, "Give at least three letters or digits.", "also")
    if "@" in person:
        return Wanted(address=person.casefold(), words=[*words])
    if not has_account:
        said = "It is not said whose data are to go."
        raise Refusal("no_person", said, "Name an account, or a person by address.", "person")
    roles = roles_of(book)
    if person and person not in roles:
        remedy = did_you_mean(person, roles) if roles else "No role has personal fields."
        said = f"{person!r} is neither an address nor a role whose fields are personal."
        raise Refusal("unknown_person", said, remedy, "person")
    if not (person or personal_of(book).fields):
        said = "account.yaml marks no field as personal."
        raise Refusal(
            "nothing_personal", said, "Mark them (personal: true), and publish.", "person"
        )
    return Wanted(role=person, words=[*words])


async def _concerned(viewer: Viewer, book: Book, account: str, wanted: Wanted) -> Concerned:
    row = await account_row(viewer.store, account)
    state = row.state if row is not None else {}
    held = state.get("fields", {})
    asked = wanted.names.get(account, [])
    names = [name for name in book.account.fields if name in asked and held.get(name) is not None]
    labels = [book.account.fields[name].label for name in names]
    return Concerned(account, (row.name if row is not None else None) or account, labels)


async def _elsewhere(viewer: Viewer, wanted: Wanted, accounts: Collection[str]) -> list[str]:
    if wanted.address:
        return []
    found = await erasures.accounts_with_any(viewer.store, wanted.looked_for.addresses)
    return [account for account in found if account not in accounts]


def going(tally: Mapping[str, int]) -> list[Going]:
    """What goes or went, in the order of importance."""
    order = [*WHAT, *(name for name in tally if name not in WHAT)]
    return [
        Going(name, tally[name], count(tally[name], *WHAT.get(name, OTHER)))
        for name in order
        if tally.get(name)
    ]


# ── doing it


async def begin(
    viewer: Viewer, client: Erasures, found: Preview, actor: str, reason: str
) -> ErasureRow:
    """Record what is to be done and start it; the same, asked for again before its end, goes on."""
    wanted = found.wanted
    row = await erasures.going_on(viewer.store, found.account, found.person, wanted)
    if row is None:
        row = ErasureRow(
            id=f"{viewer.now:%Y%m%d}-{token_hex(5)}",
            at=viewer.now,
            actor=actor,
            reason=wanted.looked_for.taken_from(reason.strip()),
            account=found.account,
            person=found.person,
            accounts=[one.account for one in found.accounts],
            step="",
        )
        await erasures.begin(viewer.store, row, wanted)
    await client.begin(row.id)
    return row


# ── after


@dataclass(frozen=True, slots=True)
class Erased:
    """An erasure, as it is told. `at` is when it was asked for."""

    id: str
    at: datetime
    actor: str
    reason: str
    account: str
    person: str
    accounts: list[str]
    step: str
    going: list[Going]
    left: list[str]
    done_at: datetime | None


def erased(row: ErasureRow) -> Erased:
    """The row, told."""
    return Erased(
        row.id,
        row.at,
        row.actor,
        row.reason,
        row.account,
        row.person,
        [str(one) for one in row.accounts],
        row.step,
        going(row.tally),
        [str(one) for one in row.left],
        row.done_at,
    )


def erased_data(one: Erased) -> dict[str, Any]:
    """For programs."""
    times = {"at": one.at.isoformat(), "done_at": one.done_at.isoformat() if one.done_at else None}
    return {**asdict(one), **times, "status": "done" if one.done_at else "running"}


def preview_data(found: Preview) -> dict[str, Any]:
    """For programs; never the words themselves."""
    return {
        "account": found.account,
        "person": found.person,
        "accounts": [asdict(one) for one in found.accounts],
        "going": [asdict(one) for one in found.going],
        "elsewhere": found.elsewhere,
        "outside": found.outside,
        "nothing_left": found.is_empty,
    }


def who(found: Preview) -> str:
    """`everybody known of Acme`, `the contact of Acme`, `whoever has this address`."""
    if found.person == ADDRESS:
        where = f" at {found.name}" if found.name else ", in every account"
        return f"whoever has this address{where}"
    if found.person:
        return f"the {found.person.replace('_', ' ')} of {found.name}"
    return f"everybody known of {found.name}"


def role_choices(book: Book) -> list[tuple[str, str]]:
    """Whom a page offers to erase: everybody, or the person of a role."""
    fields = book.account.fields
    roles = [
        (
            role,
            f"Only the {role.replace('_', ' ')}: {', '.join(fields[name].label for name in names)}",
        )
        for role, names in roles_of(book).items()
    ]
    return [("", "Everybody known of the account"), *roles]
