"""The reports, put together: each module adds its commands to the group."""

from . import (
    report_days,
    report_distribution,
    report_durations,
    report_forecast,
    report_funnel,
    report_health,
    report_mails,
    report_manual,
    report_overdue,
    report_shadow,
    report_transitions,
)
from .reports import app

__all__ = [
    "app",
    "report_days",
    "report_distribution",
    "report_durations",
    "report_forecast",
    "report_funnel",
    "report_health",
    "report_mails",
    "report_manual",
    "report_overdue",
    "report_shadow",
    "report_transitions",
]
