"""`Lifecycles`: the way to running accounts for Python services and for our own commands and pages.

It speaks to Temporal only. What a message means, the account decides; a refusal comes back as `Refusal`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from . import contract
from .core.changes import Entry
from .core.codec import Data, from_data
from .core.refusal import Refusal
from .core.state import AccountState
from .failure import Failure, NoServer
from .outgoing import Message as Message
from .outgoing import event as event
from .outgoing import parts as parts

ANSWER_WITHIN: Final = timedelta(seconds=20)
NO_ANSWER: Final = {RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED}


class UnknownAccount(Refusal):
    """There is no such account, or its workflow was ended."""


class NoWorker(Failure):
    """Temporal took the question, but no worker answered it in time. A command may still be carried out."""


class Lifecycles:
    """Accounts by their ids.

    `creating` are event types that may be the first thing known of an account (`creates account: true`). They
    are handed over even while no worker runs. For an account that is not running, any other event is
    reported and waited for, so that the account itself says whether it may begin with it. `answer_within` is
    how long an update or a query may take.

    Every method raises `NoServer` when Temporal does not answer.
    """

    def __init__(
        self,
        client: Client,
        task_queue: str = contract.TASK_QUEUE,
        creating: Collection[str] = (),
        answer_within: timedelta = ANSWER_WITHIN,
    ) -> None:
        self.client = client
        self.answer_within = answer_within
        self.task_queue = task_queue
        self.creating = frozenset(creating)

    # ── what happened

    async def record_event(
        self, account: str, type: str, data: Mapping[str, Any] | None = None, **header: Any
    ) -> str:
        """Report an event (fire and forget); answers with its id. See `event` for `header`.

        Raises `UnknownAccount`.
        """
        message = event(type, data, **header)
        if type in self.creating:
            await self._signal_with_start(account, contract.RECORD_EVENT, message)
        else:
            await self._signal_or_report(account, [message])
        return str(message["id"])

    async def record_events(self, account: str, events: Iterable[Message]) -> None:
        """Report many events of one account (see `event`): few signals, folded together.

        Raises `UnknownAccount`, unless one of them may create the account; `Refusal` as `report_event` does when
        there is one only and the account was not running.
        """
        for part in parts(events):
            if self.creating & {str(one.get("type")) for one in part}:
                await self._signal_with_start(account, contract.RECORD_EVENTS, {"events": part})
            else:
                await self._signal_or_report(account, part)

    async def report_event(
        self, account: str, type: str, data: Mapping[str, Any] | None = None, **header: Any
    ) -> contract.Answer:
        """Report an event and wait for what it did. Raises `Refusal`, `UnknownAccount`, `NoWorker`."""
        message = event(type, data, **header)
        if type in self.creating:
            return await self._update_with_start(account, contract.REPORT_EVENT, message)
        return await self._update(account, contract.REPORT_EVENT, message)

    async def import_history(
        self,
        account: str,
        events: Sequence[Message],
        fields: Mapping[str, Any] | None = None,
        created: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        """An account's past, events oldest first (R21). `until` ends it: everything due up to then is past."""
        pieces = list(parts(events)) or [[]]
        for number, part in enumerate(pieces):
            message: Message = {"events": part}
            is_first, is_last = number == 0, number == len(pieces) - 1
            if is_first and created is not None:
                message |= {"created": created, "fields": fields or {}}
            elif is_last and created is None and fields:
                message["fields"] = fields
            if is_last and until is not None:
                message["until"] = until
            await self._signal_with_start(account, contract.IMPORT_HISTORY, message)

    # ── what people do. A command with an `id` counts once: the same again changes nothing and says so (R20).

    async def start(
        self, account: str, fields: Mapping[str, Any], *, actor: str = ""
    ) -> contract.Answer:
        """Start an account by hand, or set fields of one that is there. Raises `Refusal`, `NoWorker`."""
        message = {"fields": fields, "actor": actor}
        return await self._update_with_start(account, contract.START, message)

    async def set_stage(  # noqa: PLR0913 -- the command has these parts
        self,
        account: str,
        lifecycle: str,
        stage: str | None,
        *,
        actor: str,
        reason: str,
        revision: int | None = None,
        anyway: bool = False,
        id: str = "",
    ) -> contract.Answer:
        """A person's move; None clears. `revision` is what the person had seen (R18). Raises `Refusal`."""
        message = _move(lifecycle, stage, actor, reason) | {"revision": revision, "anyway": anyway}
        message |= {"id": id}
        return await self._update(account, contract.SET_STAGE, message)

    async def override_stage(
        self, account: str, lifecycle: str, stage: str | None, *, actor: str, reason: str
    ) -> None:
        """The same without waiting: what is refused is found in the journal. Raises `UnknownAccount`."""
        message = _move(lifecycle, stage, actor, reason)
        await self._signal(account, contract.OVERRIDE_STAGE, message)

    async def carry_out(self, account: str, commands: Iterable[Message]) -> None:
        """Many commands in few signals, without waiting: what is refused is found in the journal.

        Each is the message of an update with its name: `{"command": contract.SET_STAGE, "id": …, …}`. The same id
        counts once. When the first is `contract.START`, the account is started where there is none.
        Raises `UnknownAccount`.
        """
        for number, part in enumerate(parts(commands)):
            starts = number == 0 and part[0].get("command") == contract.START
            send = self._signal_with_start if starts else self._signal
            await send(account, contract.CARRY_OUT, {"commands": part})

    async def undo(
        self, account: str, *, actor: str, reason: str = "", unit: int | None = None, id: str = ""
    ) -> contract.Answer:
        """Take the newest input back with all it caused (R13). Raises `Refusal`."""
        message = {"actor": actor, "reason": reason, "unit": unit, "id": id}
        return await self._update(account, contract.UNDO, message)

    async def hold(
        self, account: str, until: datetime, *, actor: str, reason: str, id: str = ""
    ) -> contract.Answer:
        """Pause automation (R18). Raises `Refusal`."""
        message = {"actor": actor, "until": until, "reason": reason, "id": id}
        return await self._update(account, contract.HOLD, message)

    async def release(
        self, account: str, *, actor: str, reason: str = "", id: str = ""
    ) -> contract.Answer:
        """End a hold now. Raises `Refusal`."""
        message = {"actor": actor, "reason": reason, "id": id}
        return await self._update(account, contract.RELEASE, message)

    async def set_fields(
        self,
        account: str,
        fields: Mapping[str, Any],
        *,
        actor: str,
        reason: str = "",
        id: str = "",
    ) -> contract.Answer:
        """Set fields; None clears. Raises `Refusal`."""
        message = {"actor": actor, "fields": fields, "reason": reason, "id": id}
        return await self._update(account, contract.SET_FIELDS, message)

    async def open_cta(  # noqa: PLR0913 -- a CTA has these parts
        self,
        account: str,
        title: str,
        *,
        actor: str,
        kind: str = "task",
        owner: str = "csm",
        priority: str = "normal",
        due: datetime | str | None = None,
        playbook: str | None = None,
        lifecycle: str | None = None,
        close_on_leaving: bool = False,
        id: str = "",
    ) -> contract.Answer:
        """Open a CTA (G11). `due` is an instant, or a time from now like `5 business days`. Raises `Refusal`.

        With `lifecycle` it belongs to the stay in the present stage there, and can close with it.
        """
        message = {
            "actor": actor,
            "title": title,
            "kind": kind,
            "owner": owner,
            "priority": priority,
            "due": due,
            "playbook": playbook,
            "lifecycle": lifecycle,
            "close_on_leaving": close_on_leaving,
            "id": id,
        }
        return await self._update(account, contract.OPEN_CTA, message)

    async def snooze_cta(
        self, account: str, cta: str, until: datetime | None, *, actor: str, id: str = ""
    ) -> contract.Answer:
        """Put an open CTA aside until an instant; None wakes it now. Raises `Refusal`."""
        message = {"actor": actor, "cta": cta, "until": until, "id": id}
        return await self._update(account, contract.SNOOZE_CTA, message)

    async def assign_cta(
        self, account: str, cta: str, owner: str, *, actor: str, id: str = ""
    ) -> contract.Answer:
        """Give an open CTA to a role, a team, or a person by name or address. Raises `Refusal`."""
        message = {"actor": actor, "cta": cta, "owner": owner, "id": id}
        return await self._update(account, contract.ASSIGN_CTA, message)

    async def close_cta(
        self, account: str, cta: str, *, actor: str, outcome: str = "done", id: str = ""
    ) -> contract.Answer:
        """Close an open CTA. Raises `Refusal`."""
        message = {"actor": actor, "cta": cta, "outcome": outcome, "id": id}
        return await self._update(account, contract.CLOSE_CTA, message)

    async def do_task(
        self, account: str, cta: str, task: str, *, actor: str, id: str = ""
    ) -> contract.Answer:
        """Tick a task of a CTA's playbook off. Raises `Refusal`."""
        message = {"actor": actor, "cta": cta, "task": task, "id": id}
        return await self._update(account, contract.DO_TASK, message)

    async def command(
        self, account: str, message: Message, attempt: str | None = None
    ) -> contract.Answer:
        """Any of them: the message of an update with its name in `command`. Raises `Refusal`, `NoWorker`.

        Sent again as the same `attempt`, it waits for the answer to the first.
        """
        rest = dict(message)
        name = str(rest.pop("command"))
        send = self._update_with_start if name == contract.START else self._update
        return await send(account, name, rest, attempt)

    # ── what operators do

    async def adopt(
        self, account: str, *, actor: str, book: str, policies: Mapping[str, str]
    ) -> None:
        """Hand published definitions over (R24). Raises `UnknownAccount`."""
        message = {"actor": actor, "book": book, "policies": policies}
        await self._signal(account, contract.ADOPT, message)

    async def set_lead(self, account: str, seconds: int) -> None:
        """How far the account's clock was moved ahead of the wall clock. Raises `UnknownAccount`."""
        await self._signal(account, contract.SET_LEAD, {"seconds": seconds})

    async def deliver_again(self, account: str, effect: str) -> None:
        """Try a delivery that was made due again in the database. Raises `UnknownAccount`."""
        await self._signal(account, contract.REDELIVER, {"effect": effect})

    async def nudge(self, account: str) -> None:
        """Wake the account after a deployment; start its workflow again where it is gone.

        Where there is no such account, what was started ends by itself.
        """
        await self._signal_with_start(account, contract.NUDGE, {})

    # ── looking

    async def look(self, account: str) -> Data:
        """What the account's workflow says of itself, as data. Raises `UnknownAccount`, `NoWorker`."""
        return await self._query(account, contract.STATE)

    async def state(self, account: str) -> AccountState:
        """The account as its workflow sees it now. Raises `UnknownAccount`, `NoWorker`."""
        answer = await self.look(account)
        if not answer["entered"]:
            return AccountState(account)
        state: AccountState = from_data(AccountState, answer["state"])
        return state

    async def forecast(self, account: str, days: int = 90) -> list[Entry]:
        """What happens next if nothing else does (N4). Raises `UnknownAccount`, `NoWorker`."""
        answer = await self._query(account, contract.FORECAST, {"days": days})
        entries: list[Entry] = from_data(list[Entry], answer)
        return entries

    # ── the ways there

    def handle(self, account: str) -> WorkflowHandle[Any, Any]:
        """The account's workflow."""
        return self.client.get_workflow_handle(contract.workflow_id(account))

    async def _signal(self, account: str, name: str, message: Message) -> None:
        with explained(account, _unknown(account)):
            await self.handle(account).signal(name, message)

    async def _signal_or_report(self, account: str, events: list[Message]) -> None:
        """By signal; where no workflow runs, the first is reported: the account itself says whether it exists."""
        try:
            await self._signal_events(account, events)
        except UnknownAccount:
            await self._report_first(account, *events)

    async def _report_first(self, account: str, first: Message, *others: Message) -> None:
        try:
            await self._update_with_start(account, contract.REPORT_EVENT, first)
        except UnknownAccount:
            raise
        except Refusal:
            # Of several, one that is refused is found in the journal.
            if not others:
                raise
        if others:
            await self._signal_events(account, list(others))

    async def _signal_events(self, account: str, events: list[Message]) -> None:
        if len(events) == 1:
            await self._signal(account, contract.RECORD_EVENT, events[0])
        else:
            await self._signal(account, contract.RECORD_EVENTS, {"events": events})

    async def _signal_with_start(self, account: str, name: str, message: Message) -> None:
        with explained(account, _unknown(account)):
            await self.client.start_workflow(
                contract.WORKFLOW,
                {"account": account},
                id=contract.workflow_id(account),
                task_queue=self.task_queue,
                start_signal=name,
                start_signal_args=[message],
                static_summary=_summary(account),
                memo={"account": account},
            )

    async def _update(
        self, account: str, name: str, message: Message, attempt: str | None = None
    ) -> contract.Answer:
        with explained(account, _unknown(account)):
            found = await self.handle(account).execute_update(
                name, message, id=attempt, rpc_timeout=self.answer_within
            )
        return _answer(found)

    async def _update_with_start(
        self, account: str, name: str, message: Message, attempt: str | None = None
    ) -> contract.Answer:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            contract.WORKFLOW,
            {"account": account},
            id=contract.workflow_id(account),
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=_summary(account),
            memo={"account": account},
        )
        with explained(account, _unknown(account)):
            found = await self.client.execute_update_with_start_workflow(
                name,
                message,
                id=attempt,
                start_workflow_operation=start,
                rpc_timeout=self.answer_within,
            )
        return _answer(found)

    async def _query(self, account: str, name: str, *question: Message) -> Data:
        with explained(account, _unknown(account)):
            return await self.handle(account).query(
                name, args=list(question), rpc_timeout=self.answer_within
            )


def _move(lifecycle: str, stage: str | None, actor: str, reason: str) -> Message:
    return {"lifecycle": lifecycle, "stage": stage, "actor": actor, "reason": reason}


def _summary(account: str) -> str:
    return f"The life of {account}"[:150]


def _answer(found: Data) -> contract.Answer:
    answer: contract.Answer = from_data(contract.Answer, found)
    return answer


@contextmanager
def explained(name: str, unknown: Refusal) -> Iterator[None]:
    """Temporal's errors in our words; `unknown` is what is said when no workflow of that name runs."""
    try:
        yield
    except WorkflowUpdateFailedError as error:
        raise _refusal(error.cause) from None
    except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
        raise _no_worker(name) from None
    except WorkflowQueryFailedError as error:
        raise _no_worker(name, str(error)) from None
    except RPCError as error:
        raise _of_server(name, unknown, error) from None
    except RuntimeError as error:
        # What a client says that was to connect at its first call.
        if "Failed client connect" not in str(error):
            raise
        raise _no_server(str(error)) from None


def _refusal(cause: BaseException | None) -> Exception:
    """What the account said; anything else is an error of ours and stays what it is."""
    if not isinstance(cause, ApplicationError):
        return cause if isinstance(cause, Exception) else RuntimeError(str(cause))
    if not cause.details:
        return Refusal(cause.type or "refused", cause.message)
    kind = UnknownAccount if cause.type == "unknown_account" else Refusal
    refusal: Refusal = from_data(kind, cause.details[0])
    return refusal


def _unknown(account: str) -> UnknownAccount:
    remedy = "Start it, or report an event that creates accounts."
    return UnknownAccount("unknown_account", f"There is no account {account!r}.", remedy, "account")


def _of_server(name: str, unknown: Refusal, error: RPCError) -> Exception:
    if error.status is RPCStatusCode.NOT_FOUND:
        return unknown
    if error.status is RPCStatusCode.UNAVAILABLE:
        return _no_server(error.message)
    return _no_worker(name) if error.status in NO_ANSWER else error


def _no_server(said: str) -> NoServer:
    return NoServer(f"The Temporal server does not answer: {said}")


def _no_worker(name: str, said: str = "") -> NoWorker:
    return NoWorker(
        f"No worker answered for {name!r}. {said}".rstrip()
        + "\nIs one running? Start it with: lifecycle worker. A command may still be carried out then: look first."
    )
