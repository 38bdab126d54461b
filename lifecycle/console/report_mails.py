"""`report mail`: what became of e-mails, by template: due, sent, skipped, failed and why, waiting (R22)."""

from __future__ import annotations

from . import options as o
from .report_options import TypedPeriod, with_options
from .reports import app, report


@app.command("mail")
@with_options
def mail(typed: TypedPeriod, campaign: o.OfCampaign = None) -> None:
    """What became of e-mails, by template: sent, skipped and failed with the reason, waiting."""
    report("mail", typed, campaign=campaign)
