"""The whole page of an account as data: where it stands, what comes next, its CTAs, and mail that waits."""

from __future__ import annotations

from dataclasses import replace

from lifecycle.store.ctas import ctas_of
from lifecycle.store.engine import Store
from lifecycle.store.one_account_then import ctas_at
from lifecycle.store.tables import CtaStatus

from .accounts import Found
from .ctas import CtaView, cta_view
from .standing import AccountView, account_view
from .waiting import waiting


async def shown(store: Store, found: Found) -> AccountView:
    """Everything `show` tells of an account; of the past what it would have told then."""
    view = account_view(found.book, found.state, found.now, await open_ctas(store, found))
    if found.moment is not None:
        return replace(view, as_of=found.moment.at, known=found.moment.known)
    return replace(view, waiting=await waiting(store, found.account))


async def open_ctas(store: Store, found: Found) -> list[CtaView]:
    """The CTAs that are open, or were."""
    if found.moment is not None:
        listed = await ctas_at(store, found.state, found.moment)
    else:
        every = await ctas_of(store, found.account)
        listed = [one for one in every if one.cta.status is CtaStatus.OPEN]
    return [cta_view(one, found.book, found.state.fields, found.now) for one in listed]
