"""From the folder CS ops edit to published definitions."""

from __future__ import annotations

from datetime import UTC, datetime

from lifecycle.core.refusal import Refusal
from lifecycle.definition import Reading, render
from lifecycle.failure import Failure
from lifecycle.mail_check import read_checked
from lifecycle.settings import Settings
from lifecycle.store.definitions import Published, current_book, parts_of, publish
from lifecycle.store.engine import Store


class DefinitionsUnusable(Failure):
    """The definitions cannot be published; the message shows every problem at its place."""


def read_definitions(settings: Settings) -> Reading:
    """The definitions folder, checked against the mail templates."""
    return read_checked(settings.definitions.path, settings.templates.path / "email")


async def publish_first(store: Store, settings: Settings) -> list[Published]:
    """Publish the folder when nothing is published yet. Raises `DefinitionsUnusable`."""
    try:
        await current_book(store)
    except Refusal:
        return await _publish(store, settings)
    return []


async def _publish(store: Store, settings: Settings) -> list[Published]:
    reading = read_definitions(settings)
    if reading.book is None:
        raise DefinitionsUnusable(
            f"The definitions in {settings.definitions} cannot be used:\n{render(reading.problems)}"
        )
    parts = parts_of(reading.book, _sources(reading))
    return await publish(store, parts, "first start", datetime.now(UTC))


def _sources(reading: Reading) -> dict[str, str]:
    """YAML by part: a lifecycle's id, or `account`, `events`, …"""
    shared = {name.rpartition(".")[0]: text for name, text in reading.sources.items()}
    lifecycles = reading.book.lifecycles if reading.book else {}
    marks = {name: reading.marks[name].file for name in lifecycles if name in reading.marks}
    return {**shared, **{name: reading.sources[file] for name, file in marks.items()}}
