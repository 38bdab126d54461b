"""A band of a scorecard in its colour."""

from __future__ import annotations

from rich.text import Text

from lifecycle.telling.scorecards import band_label

from .screen import COLOURS


def coloured(band: str | None) -> Text:
    """A band in the colour it is named after."""
    return Text(band_label(band), style=COLOURS.get(band or "", "") if band else "dim")
