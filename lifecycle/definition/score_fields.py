"""The two fields a scorecard writes: what they must be, so that the scorecard alone fills them."""

from __future__ import annotations

from lifecycle.core.model import FieldDef
from lifecycle.core.scorecard import SCORECARD
from lifecycle.core.values import Kind

from .known import Known, a_kind, require
from .nodes import Scalar
from .records import Record

WRITER = SCORECARD


def score_field(record: Record, known: Known) -> str | None:
    """The field of the score: a whole number that allows 0 to 100."""
    name, field = _field(record, "score field", Kind.WHOLE, known)
    if name is None or field is None:
        return None
    low, high = field.minimum, field.maximum
    if (low is not None and low > 0) or (high is not None and high < 100):
        message = f"`{field.id}` allows {low} to {high}; a score is 0 to 100."
        remedy = "Write `range: 0 to 100` in account.yaml."
        record.report.error(name.at, "bad_range", message, remedy)
    return field.id


def band_field(record: Record, known: Known) -> FieldDef | None:
    """The field of the band, if the scorecard has bands: a picklist."""
    for key, other in (("bands", "band field"), ("band field", "bands")):
        if key in record and other not in record:
            message = f"`{key}` needs `{other}`."
            remedy = f"Add `{other}`, or remove `{key}`."
            record.report.error(record.mark(key), "missing_key", message, remedy)
    return _field(record, "band field", Kind.PICKLIST, known)[1]


def _field(
    record: Record, key: str, kind: Kind, known: Known
) -> tuple[Scalar | None, FieldDef | None]:
    name = record.name(key)
    found = require(name, "field", known.fields, record.report) if name else None
    if name is None or found is None:
        return name, None
    field = known.fields[found]
    if field.kind is not kind:
        message = f"`{found}` is {a_kind(field.kind)}; the {key} must be {a_kind(kind)}."
        record.report.error(name.at, "type_mismatch", message, _fitting(kind, known))
        return name, None
    if field.written_by != WRITER:
        message = f"`{found}` is not kept for a scorecard: others may write it."
        remedy = f"Add `written by: {WRITER}` to it in account.yaml."
        record.report.error(name.at, "written_by", message, remedy)
    return name, field


def _fitting(kind: Kind, known: Known) -> str:
    """The fields that would do."""
    fit = [one.id for one in known.fields.values() if one.kind is kind and one.written_by == WRITER]
    return f"Name one of {', '.join(fit)}." if fit else "Add one to account.yaml."
