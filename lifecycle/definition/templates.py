"""Whether the names a mail template uses exist: fields of the account, data of the event."""

from __future__ import annotations

from lifecycle.core.model import EVENT_HEADER
from lifecycle.core.refusal import did_you_mean

from .known import Datum, Known
from .nodes import Scalar
from .problems import Report

ACCOUNT_HEADER = ("id", "name")


def check_variables(
    template: Scalar, known: Known, event: dict[str, Datum] | None, report: Report
) -> None:
    """Reports each `account.…` and `event.…` of a template that this line cannot fill.

    A line without an event of its own is mailed with the event that caused it, which may be any.
    """
    if known.template_variables is None:
        return
    fields = {*known.fields, *ACCOUNT_HEADER}
    carried = set(event) if event is not None else _any_event(known)
    for name in sorted(known.template_variables(template.text)):
        top, _, rest = name.partition(".")
        allowed = {"account": fields, "event": carried}.get(top)
        if allowed is not None and rest and rest.split(".")[0] not in allowed:
            message = f"The template `{template.text}` uses `{name}`, which this line cannot fill."
            report.error(template.at, "template_variable", message, did_you_mean(rest, allowed))


def _any_event(known: Known) -> set[str]:
    declared = {name for event in known.event_names() for name in known.event_data(event) or ()}
    return declared | set(EVENT_HEADER)
