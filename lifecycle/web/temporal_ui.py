"""The way from a page to the Temporal UI."""

from __future__ import annotations

from .door import Door
from .pages.words import quoted


def link_to(door: Door, workflow: str) -> str:
    """The workflow of that id in the Temporal UI; empty where that is not known."""
    if door.settings.temporal_ui is None:
        return ""
    base = str(door.settings.temporal_ui).rstrip("/")
    return f"{base}/namespaces/{quoted(door.client.namespace)}/workflows/{quoted(workflow)}"
