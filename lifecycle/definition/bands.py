"""The bands of a scorecard: best first, each with the score that enters it and the one that leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from lifecycle.core.model import FieldDef
from lifecycle.core.refusal import did_you_mean
from lifecycle.core.scorecard import Band

from . import amounts
from .nodes import Scalar
from .problems import Mark
from .records import Record, open_record

ZERO_TO_HUNDRED = "a whole number from 0 to 100"


@dataclass(frozen=True, slots=True)
class _Read:
    """A band as it stands; figures that could not be read are None."""

    name: str
    record: Record
    begins: int | None
    leaves: int | None

    def value(self, key: str) -> Mark:
        """Where the figure of a key stands."""
        return self.record.found[key][1].at


def read_bands(card: Record, field: FieldDef | None) -> tuple[Band, ...]:
    """The bands of a scorecard, each a choice of its band field."""
    read = [
        _band(key, open_record(node, "band", card.report), field)
        for key, node in card.entries("bands")
    ]
    for above, below in pairwise(read):
        _falling(above, below)
    if read:
        _reaches_zero(read[-1])
    elif "bands" in card:
        message = "The scorecard has no bands."
        card.report.error(card.mark("bands"), "empty_list", message, "Add them best first.")
    return tuple(_made(one) for one in read)


def _band(key: Scalar, record: Record, field: FieldDef | None) -> _Read:
    if field is not None and key.text not in field.options:
        message = f"`{key.text}` is no choice of `{field.id}`."
        remedy = did_you_mean(key.text, field.options)
        record.report.error(key.at, "unknown_choice", message, remedy)
    begins = record.parsed("from", amounts.points, ZERO_TO_HUNDRED)
    leaves = record.parsed("falls below", amounts.points, ZERO_TO_HUNDRED)
    found = _Read(key.text, record, begins, leaves)
    if begins is not None and leaves is not None and leaves > begins:
        message = f"`falls below: {leaves}` lies above `from: {begins}`."
        remedy = "A band is left at a score below the one that enters it."
        record.report.error(found.value("falls below"), "band_above", message, remedy)
    return found


def _made(one: _Read) -> Band:
    begins = one.begins or 0
    return Band(one.name, begins, begins if one.leaves is None else one.leaves)


def _falling(above: _Read, below: _Read) -> None:
    if above.begins is None or below.begins is None:
        return
    report = below.record.report
    if below.begins >= above.begins:
        message = (
            f"`{below.name}` begins at {below.begins}, `{above.name}` before it at {above.begins}."
        )
        remedy = "Bands stand best first, each beginning below the one before."
        report.error(below.value("from"), "band_order", message, remedy)


def _reaches_zero(last: _Read) -> None:
    if last.begins:
        message = f"A score below {last.begins} lies in no band."
        remedy = "Write `from: 0` in the last band."
        last.record.report.error(last.value("from"), "last_band", message, remedy)
