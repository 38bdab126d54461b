"""Who acts when nobody is named: LIFECYCLE_ACTOR, else the user of this machine."""

from __future__ import annotations

import getpass

from lifecycle.settings import Settings


def actor_of(settings: Settings) -> str:
    """Empty where the machine knows no user either, as in some containers."""
    if settings.actor:
        return settings.actor
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
