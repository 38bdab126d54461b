"""What every workflow hears beside its own messages: a nudge, and signals that are nobody's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from lifecycle import contract, messages
    from workflows.carried import Refused
    from workflows.payloads import NOTHING, text_of

SHOWN_REFUSALS = 20


class Hearing(ABC):
    """For workflows to inherit from; the account has handlers of its own, which count."""

    @abstractmethod
    def refuse(self, door: str, reason: str, data: object) -> None:
        """A message nobody understands is noted, and changes nothing (`last_net` calls it, too)."""

    @workflow.signal(name=contract.NUDGE, description="Wake up; after a deployment.")  # noqa: B027
    def nudge(self, _: RawValue = NOTHING) -> None:
        """Waking is all."""

    @workflow.signal(dynamic=True, description="Unknown signals are noted as refused.")
    def dead_letter(self, name: str, args: Sequence[RawValue]) -> None:
        """Nobody's signal."""
        reason = f"There is no signal {messages.plain(name, 80)!r}."
        self.refuse(name, reason, [*map(text_of, args)])


def note(refused: list[Refused], door: str, reason: str) -> None:
    """Keep it for people who look at the workflow; the latest count."""
    at = f"{workflow.now():%Y-%m-%d %H:%M}"
    refused.append(Refused(at, messages.plain(door, 80), messages.plain(reason, 200)))
    del refused[:-SHOWN_REFUSALS]
