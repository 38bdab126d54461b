"""A lifecycle as a drawing: Mermaid `stateDiagram-v2` text with labels, ends and colours (G8)."""

from __future__ import annotations

from collections.abc import Iterator

from lifecycle.core.model import Automation, Book, Lifecycle, OnEvent, Place, Stage

from .condition_words import Labels
from .words import cause_words

COLOUR_CODES = {
    "grey": ("#e5e7eb", "#374151"),
    "blue": ("#dbeafe", "#1e3a8a"),
    "teal": ("#ccfbf1", "#115e59"),
    "green": ("#dcfce7", "#14532d"),
    "dark green": ("#166534", "#ffffff"),
    "yellow": ("#fef9c3", "#713f12"),
    "orange": ("#ffedd5", "#7c2d12"),
    "red": ("#fee2e2", "#7f1d1d"),
    "purple": ("#f3e8ff", "#581c87"),
    "pink": ("#fce7f3", "#831843"),
}
"""Fill and text of each colour; readable on each other."""

_START, _ANY = "[*]", "any_stage"


def diagram(lifecycle: Lifecycle, book: Book) -> str:
    """Mermaid text. Arrows are the published moves; `any stage` stands for every stage that is no end."""
    moves = [one for one in lifecycle.automations if one.to and one.published and not one.shadow]
    lines = ["stateDiagram-v2", "    direction LR"]
    lines += [f'    state "{_clean(stage.label)}" as {_id(stage.id)}' for stage in lifecycle.stages]
    if any(one.place in (Place.ANY_STAGE, Place.ANYWHERE) for one in moves):
        lines.append(f'    state "any stage" as {_ANY}')
    lines += [arrow for one in moves for arrow in _arrows(one, book)]
    lines += [f"    {_id(stage.id)} --> [*]" for stage in lifecycle.stages if stage.end]
    lines += [line for stage in lifecycle.stages for line in _notes(stage)]
    return "\n".join([*lines, *_colours(lifecycle)]) + "\n"


def _id(stage: str) -> str:
    """Stage ids may be words of Mermaid's own (`end`, `note`), so each gets a prefix."""
    return f"s_{stage}"


def _arrows(move: Automation, book: Book) -> Iterator[str]:
    label = _clean(_label(move, book))
    origins = {
        Place.START: [_START],
        Place.MOVE: [_id(move.stage or "")],
        Place.ANY_STAGE: [_ANY],
        Place.ANYWHERE: [_START, _ANY],
    }[move.place]
    for origin in origins:
        yield f"    {origin} --> {_id(move.to or '')} : {label}"


def _label(move: Automation, book: Book) -> str:
    trigger = move.trigger
    if isinstance(trigger, OnEvent) and len(trigger.any_of) > 1:
        return f"{Labels(book).event(trigger.any_of[0].event)}, or …"
    return cause_words(move, book)


def _clean(text: str) -> str:
    """Without the characters that mean something to Mermaid."""
    for char, word in (
        ('"', "'"),
        (";", ","),
        (":", " "),
        ("#", ""),
        ("<", ""),
        (">", ""),
        ("`", ""),
    ):
        text = text.replace(char, word)
    return " ".join(text.split())


def _notes(stage: Stage) -> Iterator[str]:
    said = ["by hand"] if stage.by_hand else []
    said += ["disabled"] if stage.disabled else []
    if said:
        yield f"    note right of {_id(stage.id)} : {', '.join(said)}"


def _colours(lifecycle: Lifecycle) -> Iterator[str]:
    for colour in dict.fromkeys(stage.colour for stage in lifecycle.stages):
        fill, text = COLOUR_CODES[colour]
        name = colour.replace(" ", "_")
        stages = ",".join(_id(stage.id) for stage in lifecycle.stages if stage.colour == colour)
        yield f"    classDef {name} fill:{fill},color:{text}"
        yield f"    class {stages} {name}"
