"""Taking a person out of what belongs to no single account (N12): kept webhooks, sheets, suppressions, campaigns.

A suppressed address stays suppressed: in its place stands what only the secret can make of it again.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, update
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from lifecycle.core.erasing import Eraser

from .erasing import EFFECT, FIELD, Sweep
from .hook_tables import ArrivalStatus, HookArrivalRow, HookMapRow
from .import_tables import ImportPartRow, ImportRow
from .personal import TEXTS
from .tables import ContactMailRow, SuppressedRow, table_of

ARRIVAL: Final = table_of(HookArrivalRow)
HOOK_MAP: Final = table_of(HookMapRow)
IMPORT: Final = table_of(ImportRow)
MAIL: Final = table_of(ContactMailRow)
PART: Final = table_of(ImportPartRow)
SUPPRESSED: Final = table_of(SuppressedRow)
WHY: Final = "A person was erased."
Keyed = Callable[[str], str]


class Beside:
    """One transaction. `accounts` are those the erasure concerns; `everywhere`: the person goes from all."""

    def __init__(
        self,
        connection: Connection,
        eraser: Eraser,
        keyed: Keyed,
        accounts: Sequence[str],
        everywhere: bool,
    ) -> None:
        self.connection = connection
        self.eraser = eraser
        self.keyed = keyed
        self.accounts = list(accounts)
        self.everywhere = everywhere
        self.counts: Counter[str] = Counter()

    def run(self, actor: str, now: datetime) -> Counter[str]:
        """All of it; doing it again finds nothing."""
        if not self.eraser.words:
            return self.counts
        self._mails()
        self._suppressed()
        self._arrivals(actor, now)
        self._hook_map()
        self._sheets()
        self._texts()
        return self.counts

    def _texts(self) -> None:
        sweep = Sweep(self.connection, self.eraser, frozenset())
        for name, columns in TEXTS.items():
            table = SQLModel.metadata.tables[name]
            if "account" not in table.c:
                sweep.texts(table, columns, true())
        self.counts += sweep.counts

    # ── addresses

    def _mails(self) -> None:
        """What the frequency cap counts, and where unsubscribe links lead."""
        mine: ColumnElement[bool] = MAIL.c.address.in_(self.eraser.words.addresses)
        if not self.everywhere:
            ours = EFFECT.c.account.in_(self.accounts)
            again = func.substr(MAIL.c.effect, 1, func.length(EFFECT.c.id) + 1) == EFFECT.c.id + "#"
            same = or_(MAIL.c.effect == EFFECT.c.id, again)
            mine = and_(mine, select(EFFECT.c.id).where(ours, same).exists())
        for row in self.connection.execute(select(MAIL).where(mine)).all():
            one = and_(MAIL.c.address == row.address, MAIL.c.effect == row.effect)
            self.connection.execute(update(MAIL).where(one).values(address=self.keyed(row.address)))
            self.counts["contact_mail"] += 1

    def _suppressed(self) -> None:
        """Kept readable while another account still knows the address."""
        for address in self.eraser.words.addresses:
            if self.everywhere or not self._is_known_elsewhere(address):
                mine = update(SUPPRESSED).where(SUPPRESSED.c.address == address)
                told = mine.values(address=self.keyed(address)).returning(SUPPRESSED.c.id)
                self.counts["suppressed"] += len(self.connection.execute(told).all())
        sweep = Sweep(self.connection, self.eraser, frozenset())
        sweep.texts(SUPPRESSED, ("why", "lifted_why"), true())

    def _is_known_elsewhere(self, address: str) -> bool:
        query = select(FIELD.c.account).where(
            FIELD.c.folded == address, FIELD.c.account.not_in(self.accounts)
        )
        return self.connection.execute(query.limit(1)).first() is not None

    # ── webhooks

    def _arrivals(self, actor: str, now: datetime) -> None:
        """A message that speaks of them is emptied, and nobody sends it any more."""
        for row in self.connection.execute(select(ARRIVAL)).all():
            texts = (row.told, row.reason, row.waits_for, row.body, row.why)
            speaks = any(self.eraser.words.are_in(one) for one in texts)
            if not speaks and not self._names_them(row.their_id):
                continue
            left: dict[str, Any] = {"body": "", "reason": "", "waits_for": ""}
            left |= {name: self.eraser.text(getattr(row, name)) for name in ("told", "why")}
            if self._names_them(row.their_id):
                left["their_id"] = self.keyed(row.their_id)
            if row.status == ArrivalStatus.KEPT:
                ended = {"status": ArrivalStatus.DROPPED, "ended_at": now, "actor": actor}
                left |= {**ended, "why": WHY}
            self.connection.execute(update(ARRIVAL).where(ARRIVAL.c.id == row.id).values(**left))
            self.counts["hook_arrival"] += 1

    def _names_them(self, made_up: str) -> bool:
        return self.eraser.words.taken_from_id(made_up) != made_up

    def _hook_map(self) -> None:
        """An id of theirs that is an address tells whose it is; the next message teaches it anew."""
        where = true() if self.everywhere else HOOK_MAP.c.account.in_(self.accounts)
        for row in self.connection.execute(select(HOOK_MAP).where(where)).all():
            if self._names_them(row.their_id):
                keys = ("source", "kind", "their_id")
                mine = [HOOK_MAP.c[name] == getattr(row, name) for name in keys]
                self.connection.execute(delete(HOOK_MAP).where(*mine))
                self.counts["hook_map"] += 1

    # ── sheets

    def _sheets(self) -> None:
        """A file that speaks of them goes whole; the report of what it did stays."""
        kept = self.connection.execute(select(PART.c.id, PART.c.of).distinct()).all()
        for one in kept:
            mine = and_(PART.c.id == one.id, PART.c.of == one.of)
            pieces = select(PART.c.data).where(mine).order_by(PART.c.number)
            data = b"".join(self.connection.execute(pieces).scalars())
            if any(self.eraser.words.are_in(text) for text in texts_in(data)):
                self.connection.execute(delete(PART).where(mine))
                gone = update(IMPORT).where(IMPORT.c.id == one.id)
                self.connection.execute(gone.values(kept=False))
                self.counts["sheet_part"] += 1


def texts_in(data: bytes) -> list[str]:
    """What a sheet says, however it is written: an Excel file is a folder of texts."""
    if not zipfile.is_zipfile(BytesIO(data)):
        return [
            data.decode("utf-8", "replace"),
            data.decode("utf-16", "replace"),
            data.decode("latin-1"),
        ]
    with zipfile.ZipFile(BytesIO(data)) as folder:
        return [folder.read(name).decode("utf-8", "replace") for name in folder.namelist()]
