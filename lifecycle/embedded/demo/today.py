"""What people do today, ready to be carried out: each command once, and for the CTA it means."""

from __future__ import annotations

from dataclasses import replace

from lifecycle.core.inputs import AssignCta, CloseCta, Command, DoTask, SnoozeCta
from lifecycle.core.keys import command_key
from lifecycle.core.state import AccountState

from .stories import Journey


def still_to_do(journey: Journey, state: AccountState) -> list[Command]:
    """The commands that the account has not carried out yet (R20), with the ids of the CTAs whose titles they name.

    Raises `LookupError` when no such CTA is open.
    """
    return [_meant(one, state) for one in journey.commands if not is_done(one, state)]


def is_done(command: Command, state: AccountState) -> bool:
    """Whether the account has carried it out."""
    return command_key(command.id) in state.window


def _meant(command: Command, state: AccountState) -> Command:
    if isinstance(command, DoTask | CloseCta | SnoozeCta | AssignCta):
        return replace(command, cta=_open(state, command.cta))
    return command


def _open(state: AccountState, title: str) -> str:
    found = [cta.id for cta in state.ctas.values() if cta.title == title]
    if not found:
        raise LookupError(f"{state.account} has no open CTA {title!r}.")
    return found[0]
