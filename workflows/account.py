"""`AccountLifecycle`: one account's whole life as one workflow.

    enter → fold what waits → record → deliver → show → wait

Handlers only put into the inbox; `run` does all work. See design.md's promises in the parts: `life` folds and
records, `deliveries` sends, `alarm` waits for the next deadline, `listing` and `details` show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from lifecycle import contract, messages
    from lifecycle.core import fold as core
    from lifecycle.core.changes import Entry
    from lifecycle.core.codec import Data, to_data
    from lifecycle.core.inputs import CreateAccount, Event, Input
    from lifecycle.core.refusal import Refusal
    from workflows import books, details, listing, wording
    from workflows.alarm import Alarm
    from workflows.carried import Refused, Start, read_start
    from workflows.deliveries import Deliveries
    from workflows.hearing import SHOWN_REFUSALS
    from workflows.inbox import Inbox
    from workflows.life import Life
    from workflows.payloads import NOTHING, data_or_none, decoded, error_of, readable, text_of
    from workflows.turn import Turn

LANDING = timedelta(seconds=30)
FORECAST_DAYS = 90


@workflow.defn(name=contract.WORKFLOW)
class AccountLifecycle:
    """The life of one account. Send it events; ask it for its state; overrule it."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        """Everything handlers need is here before `run` begins: they may run first."""
        info = workflow.info()
        carried = read_start(data_or_none(start), info.workflow_id, bool(info.continued_run_id))
        self.account = carried.account
        self.bounds = carried.bounds
        self.refused = carried.refused
        self.why = carried.why
        self.inbox = Inbox()
        self.inbox.put(carried.waiting, "carried")
        self.deliveries = Deliveries(carried.account, carried.deliveries)
        self.alarm = Alarm()
        turn = Turn(carried.account, timedelta(seconds=carried.bounds.late))
        self.life = Life(carried.account, self._tell, turn)
        self.signals = 0
        self.is_outdated = False
        self.leaving_since: datetime | None = None
        if carried.state is not None and carried.book is not None:
            self.life.carry_on(carried.state, carried.book)

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> None:
        """For as long as there is such an account."""
        if self.life.fold is None:
            self.deliveries.add(await self.life.enter())
        while True:
            await self._work()
            if await self._is_nobodys():
                return
            if not self._should_continue():
                await workflow.wait_condition(self._has_something_to_do)
            elif await self._may_continue():
                self._continue()

    # ── the loop

    async def _work(self) -> None:
        """Fold and record one batch of what waits; deliver, show, and set the alarm."""
        self.deliveries.add(await self.life.work(self.inbox))
        self.deliveries.go_on()
        self._show()

    def _has_something_to_do(self) -> bool:
        return (
            len(self.inbox) > 0
            or self.alarm.has_rung()
            or self.deliveries.have_news()
            or self.life.turn.has_news(self.life.running)
            or self._should_continue()
        )

    async def _is_nobodys(self) -> bool:
        """An account that nothing created ends, so that its next message is answered with "unknown"."""
        if not self.life.is_nobodys or self.inbox or self.deliveries:
            return False
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() or bool(self.inbox))
        return not self.inbox

    def _tell(self, entries: list[Entry]) -> None:
        """What was recorded is what people may see."""
        self.why.update(details.reasons(entries))
        for entry in entries:
            if entry.refused is not None:
                door = getattr(entry.input, "door", "") or wording.cause(entry.input)
                at = f"{entry.at:%Y-%m-%d %H:%M}"
                self.refused.append(Refused(at, door, messages.plain(str(entry.refused), 200)))
        del self.refused[:-SHOWN_REFUSALS]

    def _show(self) -> None:
        """Nothing here costs a history event but a changed search attribute and an earlier alarm."""
        fold = self.life.running
        listing.upsert(fold.state, self.life.wakes_at())
        shown = details.details(fold, self.why, self.refused, workflow.now())
        workflow.set_current_details("\n".join([shown, *self.life.turn.words(fold)]))
        self.alarm.set(self.life.looks_at(), self.life.waits_for())

    # ── continuing as new

    def _should_continue(self) -> bool:
        info = workflow.info()
        return (
            self.is_outdated
            or info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
            or info.get_current_history_length() >= self.bounds.events
            or self.signals >= self.bounds.signals
        )

    async def _may_continue(self) -> bool:
        """Deliveries get a moment to land, people their answers; no await after the last look."""
        now = workflow.now()
        self.leaving_since = self.leaving_since or now
        left = self.leaving_since + LANDING - now
        if self.deliveries and left > timedelta(0):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    self._has_news, timeout=left, timeout_summary="deliveries under way may land"
                )
            return False
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() or bool(self.inbox))
        return workflow.all_handlers_finished() and len(self.inbox) <= contract.MAX_CARRIED

    def _has_news(self) -> bool:
        return bool(self.inbox) or self.deliveries.have_news() or self.alarm.has_rung()

    def _continue(self) -> None:
        fold = self.life.running
        start = Start(
            self.account,
            fold.state,
            books.data_of(fold.book),
            [item.input for item in self.inbox.items],
            self.deliveries.open_since(),
            self.refused,
            self.why,
            self.bounds,
        )
        if self.is_outdated:
            start.state, start.book, start.refused, start.why = None, None, [], {}
        moved = workflow.info().is_target_worker_deployment_version_changed()
        behaviour = ContinueAsNewVersioningBehavior.AUTO_UPGRADE if moved else None
        workflow.continue_as_new(to_data(start), initial_versioning_behavior=behaviour)

    # ── signals: what happened

    @workflow.signal(name=contract.RECORD_EVENT, description="A service reports an event.")
    def record_event(self, event: RawValue) -> None:
        """A CloudEvent."""
        self._hear(contract.RECORD_EVENT, event, self._event)

    @workflow.signal(name=contract.RECORD_EVENTS, description="A service reports several events.")
    def record_events(self, events: RawValue) -> None:
        """A list of CloudEvents; a bad one does not spoil the others."""
        self._hear(contract.RECORD_EVENTS, events, self._events)

    @workflow.signal(
        name=contract.OVERRIDE_STAGE, description="A person's move, without an answer."
    )
    def override_stage(self, command: RawValue) -> None:
        """`set_stage` as a signal."""
        self._hear(contract.OVERRIDE_STAGE, command, self._override)

    @workflow.signal(name=contract.CARRY_OUT, description="Many commands, without an answer.")
    def carry_out(self, commands: RawValue) -> None:
        """`{"commands": [{"command": "set_stage", …}, …]}`; a bad one does not spoil the others."""
        self._hear(contract.CARRY_OUT, commands, self._commands)

    @workflow.signal(name=contract.IMPORT_HISTORY, description="A part of the account's past.")
    def import_history(self, history: RawValue) -> None:
        """The one door that marks events historic (R21)."""
        self._hear(contract.IMPORT_HISTORY, history, self._history)

    @workflow.signal(name=contract.ADOPT, description="Published definitions are handed over.")
    def adopt(self, command: RawValue) -> None:
        """The book is fetched when the command's turn comes."""
        self._hear(
            contract.ADOPT, command, lambda data: [messages.read_adopt(data, self._arrival())]
        )

    @workflow.signal(name=contract.SET_LEAD, description="The account's clock was moved ahead.")
    def set_lead(self, command: RawValue) -> None:
        """By the embedded stack's fast-forward."""
        self._hear(
            contract.SET_LEAD, command, lambda data: [messages.read_set_lead(data, self._arrival())]
        )

    @workflow.signal(name=contract.REDELIVER, description="Try a delivery once more.")
    def redeliver(self, command: RawValue) -> None:
        """For deliveries that were made due again in the database."""
        self._hear(contract.REDELIVER, command, self._redeliver)

    @workflow.signal(name=contract.NUDGE, description="Wake up; after a deployment.")
    def nudge(self, _: RawValue = NOTHING) -> None:
        """Waking is all: the run continues under the new release if there is one."""
        self.signals += 1

    @workflow.signal(name=contract.TAKE_UP, description="Go on from what is stored.")
    def take_up(self, _: RawValue = NOTHING) -> None:
        """What is stored was rewritten: the next run enters anew, and this one's memory goes with it (N12)."""
        self.signals += 1
        self.is_outdated = True

    @workflow.signal(name=contract.GO_ON, description="After an outage: its turn has come.")
    def go_on(self, _: RawValue = NOTHING) -> None:
        """What is overdue is carried out now."""
        self.signals += 1
        self.life.turn.come()

    @workflow.signal(dynamic=True, description="Unknown signals are recorded as refused.")
    def dead_letter(self, name: str, args: Sequence[RawValue]) -> None:
        """Nobody's signal."""
        self.signals += 1
        shown = [text_of(arg) for arg in args]
        self.refuse(name, f"There is no signal {messages.plain(name, 80)!r}.", shown)

    # ── updates: what people want, answered when it is recorded

    @workflow.update(name=contract.START, description="Start the account by hand.")
    async def start(self, command: RawValue) -> RawValue:
        """`{"fields": {…}}`."""
        return await self._answer(contract.START, command)

    @workflow.update(name=contract.SET_STAGE, description="A person sets a stage.")
    async def set_stage(self, command: RawValue) -> RawValue:
        """`{"actor", "reason", "lifecycle", "stage", "revision", "anyway"}`."""
        return await self._answer(contract.SET_STAGE, command)

    @workflow.update(name=contract.UNDO, description="Take the newest input back.")
    async def undo(self, command: RawValue) -> RawValue:
        """`{"actor", "reason", "unit"}`."""
        return await self._answer(contract.UNDO, command)

    @workflow.update(name=contract.HOLD, description="Pause automation until an instant.")
    async def hold(self, command: RawValue) -> RawValue:
        """`{"actor", "until", "reason"}`."""
        return await self._answer(contract.HOLD, command)

    @workflow.update(name=contract.RELEASE, description="End a hold now.")
    async def release(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.RELEASE, command)

    @workflow.update(name=contract.SET_FIELDS, description="Set fields of the account.")
    async def set_fields(self, command: RawValue) -> RawValue:
        """`{"actor", "fields": {…}, "reason"}`."""
        return await self._answer(contract.SET_FIELDS, command)

    @workflow.update(name=contract.OPEN_CTA, description="A person opens a call to action.")
    async def open_cta(self, command: RawValue) -> RawValue:
        """`{"actor", "title", "kind", "owner", "priority", "due", "playbook", "lifecycle", "close_on_leaving"}`."""
        return await self._answer(contract.OPEN_CTA, command)

    @workflow.update(name=contract.CLOSE_CTA, description="Close a call to action.")
    async def close_cta(self, command: RawValue) -> RawValue:
        """`{"actor", "cta", "outcome"}`."""
        return await self._answer(contract.CLOSE_CTA, command)

    @workflow.update(
        name=contract.SNOOZE_CTA, description="Put a call to action aside, or wake it."
    )
    async def snooze_cta(self, command: RawValue) -> RawValue:
        """`{"actor", "cta", "until"}`; null wakes it."""
        return await self._answer(contract.SNOOZE_CTA, command)

    @workflow.update(
        name=contract.ASSIGN_CTA, description="Give a call to action to another owner."
    )
    async def assign_cta(self, command: RawValue) -> RawValue:
        """`{"actor", "cta", "owner"}`."""
        return await self._answer(contract.ASSIGN_CTA, command)

    @workflow.update(name=contract.DO_TASK, description="Tick a task off.")
    async def do_task(self, command: RawValue) -> RawValue:
        """`{"actor", "cta", "task"}`."""
        return await self._answer(contract.DO_TASK, command)

    @workflow.update(name=contract.REPORT_EVENT, description="An event, answered with what it did.")
    async def report_event(self, event: RawValue) -> RawValue:
        """A CloudEvent."""
        return await self._answer(contract.REPORT_EVENT, event)

    @workflow.update(name=contract.ERASE, description="Fields that speak of a person lose them.")
    async def erase(self, command: RawValue) -> RawValue:
        """`{"actor", "names": […], "reason"}`; a step of an erasure."""
        return await self._answer(contract.ERASE, command)

    @workflow.update(name=contract.TAKE_OVER, description="Take published definitions over.")
    async def take_over(self, command: RawValue) -> RawValue:
        """`{"actor", "book", "policies": {…}}`: the signal `adopt`, answered with what it did."""
        return await self._answer(contract.TAKE_OVER, command)

    @start.validator
    def check_start(self, command: RawValue) -> None:
        """Refused before anything enters history, as by all validators."""
        self._check(contract.START, command)

    @set_stage.validator
    def check_set_stage(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.SET_STAGE, command)

    @undo.validator
    def check_undo(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.UNDO, command)

    @hold.validator
    def check_hold(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.HOLD, command)

    @release.validator
    def check_release(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.RELEASE, command)

    @set_fields.validator
    def check_set_fields(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.SET_FIELDS, command)

    @open_cta.validator
    def check_open_cta(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.OPEN_CTA, command)

    @close_cta.validator
    def check_close_cta(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.CLOSE_CTA, command)

    @snooze_cta.validator
    def check_snooze_cta(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.SNOOZE_CTA, command)

    @assign_cta.validator
    def check_assign_cta(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.ASSIGN_CTA, command)

    @do_task.validator
    def check_do_task(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.DO_TASK, command)

    @report_event.validator
    def check_report_event(self, event: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.REPORT_EVENT, event)

    @erase.validator
    def check_erase(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.ERASE, command)

    @take_over.validator
    def check_take_over(self, command: RawValue) -> None:
        """See `check_start`."""
        self._check(contract.TAKE_OVER, command)

    # ── queries

    @workflow.query(name=contract.STATE, description="Everything that is known of the account.")
    def state(self) -> RawValue:
        """The state, the account's own time, the next deadline, and what is under way."""
        fold = self.life.fold
        seen = {"account": self.account, "entered": fold is not None, "inbox": len(self.inbox)}
        if fold is not None:
            at = self.life.wakes_at()
            seen |= {
                "now": workflow.now().isoformat(),
                "state": to_data(fold.state),
                "wakes_at": at.isoformat() if at else None,
                "deliveries": to_data(self.deliveries.open_since(), dict[str, datetime]),
                "refused": to_data(self.refused, list[Refused]),
            }
        return readable(seen)

    @workflow.query(name=contract.FORECAST, description="What happens next if nothing else does.")
    def forecast(self, question: RawValue = NOTHING) -> RawValue:
        """`{"days": 90}`; answers with journal entries that are not written yet (N4)."""
        asked, fold = data_or_none(question), self.life.fold
        days = asked.get("days", FORECAST_DAYS) if isinstance(asked, dict) else FORECAST_DAYS
        until = workflow.now() + timedelta(days=days)
        entries = core.forecast(fold.book, fold.state, until) if fold else []
        return readable(to_data(entries, list[Entry]))

    # ── hearing

    def _arrival(self) -> messages.Arrival:
        lead = self.life.fold.state.lead if self.life.fold else 0
        return messages.Arrival(self.account, workflow.now(), lead)

    def _hear(self, door: str, raw: RawValue, read: Callable[[Data], list[Input]]) -> None:
        """Whatever comes in, nothing gets out of here but inputs."""
        self.signals += 1
        data: Data = text_of(raw)
        try:
            data = decoded(raw)
            self.inbox.put(read(data), door)
        except Refusal as refusal:
            self.refuse(door, str(refusal), data)

    def refuse(self, door: str, reason: str, data: Data) -> None:
        """A message that could not be read is kept as text, with the reason."""
        self.inbox.put([messages.unreadable(workflow.now(), door, reason, data)], door)

    def _event(self, data: Data) -> list[Input]:
        return [messages.read_event(data, self._arrival())]

    def _events(self, data: Data) -> list[Input]:
        if isinstance(data, dict) and "events" not in data:
            return self._event(data)
        return list(self._readable(contract.RECORD_EVENTS, messages.events_in(data)))

    def _readable(self, door: str, found: list[object], historic: bool = False) -> list[Event]:
        """The good ones; each bad one is refused by itself."""
        events: list[Event] = []
        for one in found:
            try:
                events.append(messages.read_event(one, self._arrival(), historic))
            except Refusal as refusal:
                self.refuse(door, str(refusal), one)
        return events

    def _history(self, data: Data) -> list[Input]:
        history = messages.read_history(data)
        events = self._readable(contract.IMPORT_HISTORY, history.events, historic=True)
        events.sort(key=lambda event: event.time)
        return messages.around_history(history, events, self._arrival())

    def _override(self, data: Data) -> list[Input]:
        return [messages.read_command(contract.OVERRIDE_STAGE, data, self._arrival())]

    def _commands(self, data: Data) -> list[Input]:
        """The good ones; each bad one is refused by itself."""
        commands: list[Input] = []
        for one in messages.commands_in(data):
            try:
                commands.append(messages.read_named(one, self._arrival()))
            except Refusal as refusal:
                self.refuse(contract.CARRY_OUT, str(refusal), one)
        return commands

    def _redeliver(self, data: Data) -> list[Input]:
        self.deliveries.add_again(messages.read_redeliver(data))
        return []

    # ── answering

    def _read(self, name: str, raw: RawValue) -> Input:
        return messages.read_command(name, decoded(raw), self._arrival())

    def _check(self, name: str, raw: RawValue) -> None:
        """Ask the core, unless what waits in the inbox may change its answer."""
        try:
            item, fold = self._read(name, raw), self.life.fold
            if fold is not None and not self.inbox and not isinstance(item, CreateAccount):
                core.check(fold.book, fold.state, item)
        except Refusal as refusal:
            raise error_of(refusal) from None

    async def _answer(self, name: str, raw: RawValue) -> RawValue:
        item = self.inbox.put_awaited(self._read(name, raw), name)
        await workflow.wait_condition(lambda: item.answer is not None)
        entries = item.answer or []
        if not entries:
            raise ApplicationError(
                "It could not be recorded; the worker's log says why.", type="not_recorded"
            )
        if entries[0].refused is not None:
            raise error_of(entries[0].refused)
        return readable(to_data(contract.Answer(self.account, entries[0].revision, entries)))
