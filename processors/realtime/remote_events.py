"""What the server tells of tools that it calls by itself, on MCP servers.

The events: https://platform.openai.com/docs/guides/realtime-mcp
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RemoteCall:
    """A call that the server makes by itself, or asks to be allowed to.

    ``output``, or ``error`` with what went wrong, is None until it has ended.
    """

    item_id: str
    server: str
    name: str
    arguments: str
    output: str | None = None
    error: str | None = None

    @property
    def tool(self) -> str:
        """What it is called in events."""
        return f"{self.server}.{self.name}"

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> "RemoteCall":
        """From an ``mcp_call`` or ``mcp_approval_request`` of the wire."""
        error = item.get("error")
        if isinstance(error, Mapping):
            error = error.get("message") or error.get("type") or "failed"
        output = item.get("output")
        return cls(
            item_id=str(item["id"]),
            server=str(item["server_label"]),
            name=str(item["name"]),
            arguments=item.get("arguments") or "",
            output=None if output is None else str(output),
            error=None if error is None else str(error),
        )


@dataclass(frozen=True, slots=True)
class RemoteTools:
    """What a remote server offers."""

    server: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoteToolsFailed:
    """A remote server did not say what it offers."""

    item_id: str


@dataclass(frozen=True, slots=True)
class RemoteCallBegun:
    """The model begins a call of a remote tool, whose arguments are not known yet."""

    response_id: str
    call: RemoteCall


@dataclass(frozen=True, slots=True)
class RemoteCallMade:
    """The arguments of a remote call are known: it runs, on the server's side."""

    item_id: str
    arguments: str


@dataclass(frozen=True, slots=True)
class RemoteCallEnded:
    """The item of a remote call is complete; it tells how the call ended, if it has."""

    call: RemoteCall


@dataclass(frozen=True, slots=True)
class RemoteCallFailed:
    """A remote call failed; its item tells why."""

    item_id: str


@dataclass(frozen=True, slots=True)
class RemoteApproval:
    """The server asks whether it may make a remote call."""

    call: RemoteCall


RemoteEvent = (
    RemoteTools
    | RemoteToolsFailed
    | RemoteCallBegun
    | RemoteCallMade
    | RemoteCallEnded
    | RemoteCallFailed
    | RemoteApproval
)
