"""What something sets off in many accounts: each kind of thing with how often, counted from folded changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lifecycle.core import changes as c
from lifecycle.definition.condition_words import Labels

from .phrases import count


@dataclass(slots=True)
class SetOff:
    """Moves by their way, mails by template, calls by name, CTAs by title, fields by label; in so many `accounts`."""

    moves: Counter[str] = field(default_factory=Counter)
    mails: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    ctas: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    accounts: int = 0

    def note(self, changes: Sequence[c.Change], labels: Labels) -> None:
        """Count what one account would do."""
        before = self._size()
        for change in changes:
            match change:
                case c.StageEntered() if change.left != change.entered:
                    self.moves[_way(change, labels)] += 1
                case c.MailDue():
                    self.mails[change.template] += 1
                case c.WebhookDue():
                    self.calls[change.name] += 1
                case c.CtaOpened():
                    self.ctas[change.cta.title] += 1
                case c.FieldSet():
                    self.fields[labels.field(change.name)] += 1
        self.accounts += self._size() > before

    @property
    def finals(self) -> int:
        """How many of these cannot be taken back."""
        return self.mails.total() + self.calls.total()

    def data(self) -> dict[str, dict[str, int]]:
        """For programs."""
        named = {
            "moves": self.moves,
            "mails": self.mails,
            "calls": self.calls,
            "ctas": self.ctas,
            "fields": self.fields,
        }
        return {name: dict(counted.most_common()) for name, counted in named.items()}

    def lines(self) -> Iterator[tuple[str, str]]:
        """A sign and a sentence for each thing that would happen."""
        for way, number in self.moves.most_common():
            moves = "moves" if number == 1 else "move"
            yield "arrow", f"{count(number, 'account')} {moves}: {way}."
        for name, number in self.mails.most_common():
            yield "mail", f"Sends “{name}” {_times(number)}. It cannot be taken back."
        for name, number in self.calls.most_common():
            yield "send", f"Calls “{name}” {_times(number)}. It cannot be taken back."
        for title, number in self.ctas.most_common():
            yield "check", f"Opens the CTA “{title}” {_times(number)}."
        for name, number in self.fields.most_common():
            yield "edit", f"Sets {name} of {count(number, 'account')}."

    def _size(self) -> int:
        return sum(
            one.total() for one in (self.moves, self.mails, self.calls, self.ctas, self.fields)
        )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _way(change: c.StageEntered, labels: Labels) -> str:
    ends = [
        labels.stage(change.lifecycle, stage) if stage else "None"
        for stage in (change.left, change.entered)
    ]
    return f"{labels.lifecycle(change.lifecycle)}, {' → '.join(ends)}"
