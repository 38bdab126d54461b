"""Deliveries as a list: what was sent, what failed and why, what was skipped; and one sent again (R22)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.settings import Settings
from lifecycle.store.accounts import find_account
from lifecycle.store.effects import WantedEffects, effect_row, effects
from lifecycle.store.engine import Store
from lifecycle.store.tables import EffectRow

PAGE = 500


@dataclass(frozen=True, slots=True)
class Deliveries:
    """A page of deliveries, the latest first; `before` asks for the next one."""

    rows: list[EffectRow]
    before: str | None


async def deliveries(
    store: Store, settings: Settings, asked: WantedEffects, template: str | None, before: str | None
) -> Deliveries:
    """Those that are wanted, older than the delivery `before`. Raises `Refusal`."""
    account = (await find_account(store, asked.account)).id if asked.account else None
    last = await effect_row(store, before) if before else None
    place = (last.due_at, last.id) if last else None
    if template is not None:
        _check_template(settings, template)
    rows, more = await _rows(store, replace(asked, account=account, before=place), template)
    return Deliveries(rows, rows[-1].id if more else None)


async def _rows(
    store: Store, wanted: WantedEffects, template: str | None
) -> tuple[list[EffectRow], bool]:
    """Rows of one page, and whether there are more; of one template, pages are read until they suffice."""
    rows, place = list[EffectRow](), wanted.before
    while True:
        page = await effects(store, replace(wanted, before=place, limit=PAGE))
        rows += [row for row in page if template in (None, row.name)]
        if len(rows) > wanted.limit or len(page) < PAGE:
            return rows[: wanted.limit], len(rows) > wanted.limit
        place = (page[-1].due_at, page[-1].id)


def _check_template(settings: Settings, template: str) -> None:
    folder = settings.templates.path / "email"
    known = {path.parent.name for path in folder.glob("*/subject.txt")}
    if template not in known:
        said = f"There is no template {template!r}."
        raise Refusal("unknown_template", said, did_you_mean(template, known), "template")


def deliveries_data(found: Deliveries) -> dict[str, Any]:
    """The page for programs."""
    return {"deliveries": [delivery_data(row) for row in found.rows], "before": found.before}


def delivery_data(row: EffectRow) -> dict[str, Any]:
    """A delivery for programs; the words of what was sent are asked for one by one."""
    return row.model_dump(
        exclude={"text", "html", "data", "position", "recorded_at", "lease_until"}
    )
