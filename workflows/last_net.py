"""The last net under signals: what still raises in a handler is recorded as refused, not a stuck account.

Wrong arguments raise before a handler's own net: without this the workflow task would fail for ever.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.worker import (
    HandleSignalInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class LastNet(Interceptor):
    """For worker and replayer alike."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """The net of every workflow."""
        return _Net


class _Net(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:
        """Let the handler work; catch what it lets through."""
        try:
            await super().handle_signal(input)
        except Exception as error:
            account: Any = workflow.instance()
            account.refuse(input.signal, str(error), [str(arg)[:500] for arg in input.args])
