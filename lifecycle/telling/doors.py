"""What was done about who is let in, in words: one line for each row of the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lifecycle.store.audit import Deed
from lifecycle.store.door_tables import AuditRow

WORDS: Final[Mapping[Deed, str]] = {
    Deed.KEY_MADE: "made the key {detail}, {role}",
    Deed.KEY_REVOKED: "revoked the key {detail}, {role}",
    Deed.LINK_MADE: "made a sign-in link for {detail}, {role}",
    Deed.SIGNED_IN: "signed in by {detail}, {role}",
    Deed.SIGNED_OUT: "signed out",
    Deed.SHUT_OUT: "ended the sessions and links of {detail}",
    Deed.REFUSED: "was not let in: {detail}",
    Deed.REPAIRED: "repaired {detail}",
    Deed.ERASED: "erased a person: {detail}",
}


def said(row: AuditRow) -> str:
    """`made the key crm, service`."""
    return WORDS[Deed(row.what)].format(detail=row.detail, role=row.role)


def who(row: AuditRow) -> str:
    """Who did it; somebody whose name is not known."""
    return row.who or "somebody"
