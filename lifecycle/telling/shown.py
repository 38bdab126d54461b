"""The whole page of an account as data: where it stands, what comes next, its CTAs, and mail that waits."""

from __future__ import annotations

from dataclasses import replace

from lifecycle.store.ctas import ctas_of
from lifecycle.store.engine import Store
from lifecycle.store.tables import CtaStatus

from .accounts import Found
from .ctas import cta_view
from .standing import AccountView, account_view
from .waiting import waiting


async def shown(store: Store, found: Found) -> AccountView:
    """Everything `show` tells of an account."""
    listed = await ctas_of(store, found.account)
    still_open = [one for one in listed if one.cta.status is CtaStatus.OPEN]
    ctas = [cta_view(one, found.book, found.state.fields, found.now) for one in still_open]
    view = account_view(found.book, found.state, found.now, ctas)
    return replace(view, waiting=await waiting(store, found.account))
