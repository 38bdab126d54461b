"""The CTAs that were open at a moment, those that fell due first before all others (G11, N5)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from lifecycle.core.state import AccountState

from .ctas import MOST, CtaPage, ListedCta, WantedCtas
from .engine import Store
from .folded import states_at
from .moment import AsOf
from .one_account_then import ctas_at
from .reading import reading
from .standing import ACCOUNT, CTA, open_at

EQUAL: Final = ("account", "kind", "lifecycle")
"""What a CTA may be asked for of the past."""


async def ctas_then(
    store: Store, wanted: WantedCtas, moment: AsOf
) -> tuple[CtaPage, dict[str, AccountState]]:
    """A page of them as they were, with the accounts' states by id; `segment` is a filter at the moment."""
    parts = _parts(wanted, moment)
    keys = select(CTA.c.account, CTA.c.id).where(*parts)
    in_order = keys.order_by(CTA.c.due.asc().nulls_last(), CTA.c.account, CTA.c.id)
    async with reading(store) as connection:
        counted: Any = await connection.execute(select(func.count()).select_from(CTA).where(*parts))
        rows = list(await connection.execute(in_order.limit(max(1, min(wanted.limit, MOST)))))
    accounts = sorted({row.account for row in rows})
    states = await states_at(store, accounts, moment)
    found: dict[tuple[str, str], ListedCta] = {}
    for account, state in states.items():
        found |= {(account, one.cta.id): one for one in await ctas_at(store, state, moment)}
    listed = [found[row.account, row.id] for row in rows if (row.account, row.id) in found]
    return CtaPage(listed, int(counted.scalar_one())), states


def _parts(wanted: WantedCtas, moment: AsOf) -> list[ColumnElement[bool]]:
    parts = [open_at(moment)]
    for name in EQUAL:
        value = getattr(wanted, name)
        if value is not None:
            parts.append(CTA.c[name] == value)
    if wanted.segment is not None:
        parts.append(CTA.c.account.in_(select(ACCOUNT.c.id).where(wanted.segment)))
    return parts
