"""Where an MCP server is, what it is shown, and which of its tools count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """OAuth 2 client credentials, for a server that wants a token; it says for which scope.

    Attributes:
        client_id: As the authorization server knows us.
        client_secret: Shown to that server alone.
        issuer: The authorization server that they belong to. Without it the MCP server says who
            gets them.
    """

    client_id: str
    client_secret: str = field(repr=False)
    issuer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServer:
    """An MCP server: a ``url`` of streamable HTTP, or a ``command`` that speaks over stdio.

    Attributes:
        url: Where it already runs.
        headers: Sent with each request, such as ``Authorization``.
        oauth: For a token, instead of such a header.
        command: Started with the service, and again when it ends.
        args: Of the command.
        env: Variables of the command, besides a few harmless ones of ours such as ``PATH``.
        cwd: Where it is started; our own directory without it.
        tools: The tools that are offered, by the server's names; None offers all.
        read_only: Tools that only read, whatever the server says of them.
        asks: Who answers what it asks in the middle of a call: the caller, or an operator. None
            has it know that nobody does.
        is_open: Agents have all of these tools, whatever their own lists of tools say.
    """

    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    oauth: ClientCredentials | None = None
    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None
    tools: frozenset[str] | None = None
    read_only: frozenset[str] = frozenset()
    asks: Literal["caller", "operator"] | None = None
    is_open: bool = False

    def __post_init__(self) -> None:
        """Check that there is one way to reach it."""
        if (self.url is None) == (self.command is None):
            raise ValueError("an MCP server has either a url or a command")
