"""What people order of accounts, in the words they use: read, sent, and told by one module for every door.

Accounts, lifecycles, stages, CTAs and owners may be named as people see them. A command with an id counts once: the
same again is answered from what is recorded (R20).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lifecycle.contract import Answer
from lifecycle.core.changes import Entry
from lifecycle.core.keys import command_key
from lifecycle.core.refusal import Refusal
from lifecycle.store.accounts import carried_out
from lifecycle.store.ctas import titles_of
from lifecycle.store.definitions import current_book
from lifecycle.store.tables import EffectRow
from lifecycle.telling.accounts import Found, found, lifecycle_named, running, stage_named
from lifecycle.telling.cta_named import find_cta, find_task
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.owners import owner_asked
from lifecycle.telling.past import entry_data
from lifecycle.telling.spans import due_asked, read_moment
from lifecycle.telling.story import Teller, Told
from lifecycle.telling.taking_back import sent_by_newest
from lifecycle.telling.viewer import Viewer

if TYPE_CHECKING:
    from lifecycle.client import Lifecycles


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did, as it was recorded; `sent` cannot be taken back (R13)."""

    name: str
    answer: Answer
    sent: list[EffectRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewCta:
    """A CTA to be opened, in people's words."""

    title: str
    kind: str = "task"
    owner: str = "csm"
    priority: str = "normal"
    due: str | None = None
    playbook: str | None = None
    lifecycle: str | None = None
    close_on_leaving: bool = False


KEY: Final = "Idempotency-Key"
Order = Callable[[Found], Awaitable[Answer]]
CtaOrder = Callable[[Found, CtaView], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Commander:
    """Somebody who gives commands. Temporal (`accounts`) is asked for once a command has been read.

    `id` names the command, so that it counts once. Every method raises `Refusal`, `NoServer` and `NoWorker`.
    """

    viewer: Viewer
    accounts: Callable[[], Awaitable[Lifecycles]]
    actor: str
    id: str = ""

    async def set_stage(
        self,
        account: str,
        lifecycle: str,
        stage: str,
        *,
        reason: str,
        revision: int | None = None,
        anyway: bool = False,
    ) -> Done:
        """A move by hand; the word None clears. `revision` is the one it was decided on, by default the present one."""

        async def send(one: Found) -> Answer:
            wanted = lifecycle_named(one.book, lifecycle)
            target = stage_named(wanted, stage)
            return await (await self.accounts()).set_stage(
                one.account,
                wanted.id,
                target,
                actor=self.actor,
                reason=reason,
                revision=one.state.revision if revision is None else revision,
                anyway=anyway,
                id=self.id,
            )

        return await self._carry_out(account, send)

    async def undo(self, account: str, *, reason: str = "") -> Done:
        """Take the newest change back with all it caused."""
        sent: list[EffectRow] = []

        async def send(one: Found) -> Answer:
            sent.extend(await sent_by_newest(self.viewer.store, one))
            unit = one.state.units[-1].revision if one.state.units else None
            return await (await self.accounts()).undo(
                one.account, actor=self.actor, reason=reason, unit=unit, id=self.id
            )

        done = await self._carry_out(account, send)
        return Done(done.name, done.answer, sent)

    async def hold(self, account: str, until: str, *, reason: str) -> Done:
        """Pause automation until a date, or for a length of time."""

        async def send(one: Found) -> Answer:
            end = read_moment(until, one.now, self.viewer.zone)
            return await (await self.accounts()).hold(
                one.account, end, actor=self.actor, reason=reason, id=self.id
            )

        return await self._carry_out(account, send)

    async def release(self, account: str, *, reason: str = "") -> Done:
        """End a hold now."""

        async def send(one: Found) -> Answer:
            return await (await self.accounts()).release(
                one.account, actor=self.actor, reason=reason, id=self.id
            )

        return await self._carry_out(account, send)

    async def set_fields(
        self, account: str, fields: Mapping[str, Any], *, reason: str = ""
    ) -> Done:
        """Set fields; None clears one. All are set, or none."""

        async def send(one: Found) -> Answer:
            return await (await self.accounts()).set_fields(
                one.account, fields, actor=self.actor, reason=reason, id=self.id
            )

        return await self._carry_out(account, send)

    # ── CTAs

    async def open_cta(self, account: str, cta: NewCta) -> Done:
        """Open a CTA by hand."""
        if not cta.title.strip():
            raise Refusal("no_title", "A CTA needs a title.", "Say what is to be done.", "title")

        async def send(one: Found) -> Answer:
            due = due_asked(cta.due, one.now, self.viewer.zone) if cta.due is not None else None
            of = lifecycle_named(one.book, cta.lifecycle).id if cta.lifecycle else None
            owner = owner_asked(cta.owner, one.book)
            return await (await self.accounts()).open_cta(
                one.account,
                cta.title,
                actor=self.actor,
                kind=cta.kind,
                owner=owner,
                priority=cta.priority,
                due=due,
                playbook=cta.playbook,
                lifecycle=of,
                close_on_leaving=cta.close_on_leaving,
                id=self.id,
            )

        return await self._carry_out(account, send)

    async def close_cta(self, account: str, cta: str, outcome: str = "done") -> Done:
        """Close a CTA with what came of it."""

        async def send(_: Found, view: CtaView) -> Answer:
            return await (await self.accounts()).close_cta(
                view.account, view.cta, actor=self.actor, outcome=outcome, id=self.id
            )

        return await self._to_cta(account, cta, send)

    async def snooze_cta(self, account: str, cta: str, until: str | None) -> Done:
        """Put a CTA aside until a date, or for a length of time; None wakes it now."""

        async def send(one: Found, view: CtaView) -> Answer:
            end = read_moment(until, one.now, self.viewer.zone) if until is not None else None
            return await (await self.accounts()).snooze_cta(
                view.account, view.cta, end, actor=self.actor, id=self.id
            )

        return await self._to_cta(account, cta, send)

    async def assign_cta(self, account: str, cta: str, to: str) -> Done:
        """Give a CTA to another owner."""

        async def send(one: Found, view: CtaView) -> Answer:
            owner = owner_asked(to, one.book)
            return await (await self.accounts()).assign_cta(
                view.account, view.cta, owner, actor=self.actor, id=self.id
            )

        return await self._to_cta(account, cta, send)

    async def do_task(self, account: str, cta: str, task: str) -> Done:
        """Tick a task of a CTA off."""

        async def send(_: Found, view: CtaView) -> Answer:
            chosen = find_task(view, task)
            return await (await self.accounts()).do_task(
                view.account, view.cta, chosen.task, actor=self.actor, id=self.id
            )

        return await self._to_cta(account, cta, send)

    # ── the way

    async def _to_cta(self, account: str, cta: str, send: CtaOrder) -> Done:
        async def find_and_send(one: Found) -> Answer:
            view = await find_cta(self.viewer.store, one, cta, self.viewer.zone)
            return await send(one, view)

        return await self._carry_out(account, find_and_send)

    async def _carry_out(self, account: str, send: Order) -> Done:
        one = await found(self.viewer.store, account, self.viewer.now)
        if (before := await self._recorded(one)) is not None:
            return Done(one.name, before)
        with running(one.name, one.account):
            answer = await send(one)
        if _is_repeated(answer):
            answer = await self._recorded(one) or answer
        return Done(one.name, answer)

    async def _recorded(self, one: Found) -> Answer | None:
        """What the command did when it came for the first time."""
        if not self.id:
            return None
        entries = await carried_out(self.viewer.store, one.account, command_key(self.id))
        if not entries:
            return None
        if getattr(entries[0].input, "id", self.id) != self.id:
            said = "This key was used for another command of this account."
            raise Refusal("key_reused", said, "Give every command a key of its own.", KEY)
        return Answer(one.account, entries[0].revision, entries)


def _is_repeated(answer: Answer) -> bool:
    return any(note.code == "duplicate" for note in answer.entries[0].notes)


# ── the answer


async def told(viewer: Viewer, answer: Answer) -> list[tuple[Entry, Told]]:
    """The entries of an answer with their sentences."""
    book, _ = await current_book(viewer.store)
    teller = Teller(book, viewer.zone, await titles_of(viewer.store, answer.account))
    return [(entry, teller.tell(entry)) for entry in answer.entries]


async def done_data(viewer: Viewer, done: Done) -> dict[str, Any]:
    """What a command did, for programs."""
    return {
        "account": done.answer.account,
        "revision": done.answer.revision,
        "entries": [entry_data(*each) for each in await told(viewer, done.answer)],
        "cannot_be_taken_back": [row.id for row in done.sent],
    }
