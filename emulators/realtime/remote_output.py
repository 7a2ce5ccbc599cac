"""What a response shows of tools that the service calls itself (MCP)."""

import asyncio
from typing import Protocol

import orjson

from emulators.realtime.conversation import Item
from emulators.realtime.ids import new_id
from emulators.realtime.mind import ApprovalRequest, RemoteCall
from emulators.realtime.output import Budget, Emit
from emulators.realtime.usage import text_tokens


class Output(Protocol):
    """One item of a response while it is being made."""

    item: Item

    def close(self, status: str) -> None:
        """Ends it."""
        ...


class RemoteCallOutput:
    """A call of an MCP server's tool, which the script has answered already."""

    def __init__(self, emit: Emit, budget: Budget, call: RemoteCall) -> None:
        self._emit = emit
        self._budget = budget
        self._call = call
        self.item = Item(
            {
                "id": new_id("mcp"),
                "type": "mcp_call",
                "server_label": call.server,
                "name": call.name,
                "arguments": "",
            }
        )

    async def send(self) -> None:
        """Its arguments, and how it ends."""
        arguments = orjson.dumps(self._call.arguments).decode()
        self._budget.spend(text=text_tokens(arguments))
        self._emit("response.mcp_call_arguments.delta", delta=arguments)
        self.item.wire["arguments"] = arguments
        self._emit("response.mcp_call_arguments.done", arguments=arguments)
        self._emit("response.mcp_call.in_progress")
        await asyncio.sleep(0)
        if self._call.error is None:
            self.item.wire["output"] = self._call.output
            self._emit("response.mcp_call.completed")
        else:
            error = {"type": "tool_execution_error", "message": self._call.error}
            self.item.wire["error"] = error
            self._emit("response.mcp_call.failed")

    def close(self, status: str) -> None:
        """An MCP call has no status."""


class ApprovalOutput:
    """The question whether a tool may be called."""

    def __init__(self, budget: Budget, request: ApprovalRequest) -> None:
        arguments = orjson.dumps(request.arguments).decode()
        budget.spend(text=text_tokens(arguments))
        self.item = Item(
            {
                "id": new_id("mcpr"),
                "type": "mcp_approval_request",
                "server_label": request.server,
                "name": request.name,
                "arguments": arguments,
            }
        )

    def close(self, status: str) -> None:
        """A request has no status."""
