"""The reports, put together: each module adds its commands to the group."""

from . import (
    report_days,
    report_distribution,
    report_durations,
    report_funnel,
    report_transitions,
)
from .reports import app

__all__ = [
    "app",
    "report_days",
    "report_distribution",
    "report_durations",
    "report_funnel",
    "report_transitions",
]
