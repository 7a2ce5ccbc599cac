"""The tools of all MCP servers of a process, offered per agent and run per phone call."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from loguru import logger

from processors.mcp_tools.connection import (
    Connection,
    OutcomeUnknownError,
    RefusedError,
    ServerState,
    UnavailableError,
)
from processors.mcp_tools.limits import CallSlots, ReadCache
from processors.mcp_tools.names import function_names
from processors.mcp_tools.results import error, tool_result
from processors.mcp_tools.servers import McpServer
from processors.mcp_tools.specs import ToolSpec
from processors.mcp_tools.under_way import Asked, CallSide, Nobody, UnderWay
from processors.tools import Tool, ToolCall, ToolResult

_CANCEL_AGAIN_S = 0.2
_LONGEST_RUN_S = 900.0
"""Nobody waits so long for a tool: what it may take is counted where it runs."""


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """How a server is, for readiness and for people.

    Attributes:
        state: Of its connection.
        tools: Names of the tools that it offers right now.
        problem: Why it is down; None while it is up.
    """

    state: ServerState
    tools: tuple[str, ...]
    problem: str | None


class McpHost:
    """Keeps one connection per MCP server and runs tools over them for all phone calls.

    Args:
        servers: How each is reached, by name; a text is the URL of a streamable HTTP endpoint.
        timeout_s: How long one tool may take without a sign of life; then the model gets an error
            that says so.
        longest_s: How long a tool may take that reports its progress.
        per_call_limit: Tools that one phone call may run at once; further ones wait.
        cache_s: How long the result of a read-only tool may be used again; 0 asks every time.
        refresh_s: How often to list a server's tools again.
    """

    def __init__(
        self,
        servers: Mapping[str, str | McpServer],
        *,
        timeout_s: float = 5.0,
        longest_s: float = 60.0,
        per_call_limit: int = 3,
        cache_s: float = 0.0,
        refresh_s: float = 30.0,
    ) -> None:
        for name, value in (("timeout_s", timeout_s), ("per_call_limit", per_call_limit)):
            if value <= 0:
                raise ValueError(f"{name} is {value}; it must be above 0")
        self._connections = {
            name: Connection(
                name,
                McpServer(url=server) if isinstance(server, str) else server,
                refresh_s=refresh_s,
                on_change=partial(self._changed, name),
            )
            for name, server in servers.items()
        }
        self._listeners: list[Callable[[str], None]] = []
        self._timeout_s = timeout_s
        self._longest_s = longest_s
        self._slots = CallSlots(per_call_limit)
        self._cache = ReadCache(cache_s)
        self._running: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect in the background. Returns at once: a dead server delays nothing."""
        self._running = [
            asyncio.create_task(connection.run(), name=f"tool-server-{name}")
            for name, connection in self._connections.items()
        ]

    async def close(self) -> None:
        """Close all connections. Calls that are under way end with an error."""
        pending = set(self._running)
        while pending:
            # Again and again: the SDK can turn a cancellation into a failure to connect.
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=_CANCEL_AGAIN_S)
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running = []

    async def settled(self, timeout_s: float) -> bool:
        """Wait until every server was reached or failed once; False if time ran out before."""
        try:
            async with asyncio.timeout(timeout_s):
                for connection in self._connections.values():
                    await connection.tried.wait()
        except TimeoutError:
            return False
        return True

    def on_change(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Have ``listener`` called with a server's name when its state or its tools changed.

        Returns:
            A function that stops it.
        """
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    def status(self) -> dict[str, ServerStatus]:
        """How each server is, by name."""
        return {
            name: ServerStatus(
                connection.state,
                tuple(spec.name for spec in connection.specs),
                connection.problem,
            )
            for name, connection in self._connections.items()
        }

    def tools(
        self,
        names: Sequence[str],
        allow: Sequence[str] | None = None,
        *,
        side: CallSide | None = None,
    ) -> list[Tool]:
        """What these servers offer at this moment; never waits.

        Args:
            names: Of servers. One that is down offers nothing.
            allow: The tools to offer, by the names that the servers or the model use; None
                offers all. Of servers that are open it means nothing.
            side: The phone call that they are for, which servers may ask something.

        Raises:
            ValueError: A server of that name was never configured.
        """
        offered: list[tuple[Connection, ToolSpec]] = []
        for name in names:
            if name not in self._connections:
                known = ", ".join(self._connections) or "none"
                raise ValueError(f"no tool server {name!r} is configured; there is {known}")
            connection = self._connections[name]
            offered.extend((connection, spec) for spec in connection.specs)
        functions = function_names([(server.name, spec.name) for server, spec in offered])
        return [
            Tool(
                name=function,
                description=spec.description,
                parameters=spec.parameters,
                run=partial(self._run, connection, spec, side or Nobody()),
                timeout_s=_LONGEST_RUN_S,
                read_only=spec.read_only,
                idempotent=spec.idempotent,
                destructive=spec.destructive,
            )
            for function, (connection, spec) in zip(functions, offered, strict=True)
            if allow is None or connection.is_open or spec.name in allow or function in allow
        ]

    def asks(self, names: Sequence[str]) -> frozenset[Asked]:
        """Who answers what these servers ask."""
        return frozenset(
            asks
            for name in names
            if name in self._connections and (asks := self._connections[name].asks)
        )

    def _changed(self, server: str) -> None:
        self._cache.changed(server)
        for listener in list(self._listeners):
            listener(server)

    async def _run(
        self, connection: Connection, spec: ToolSpec, side: CallSide, call: ToolCall
    ) -> ToolResult:
        server = connection.name
        under_way = UnderWay(
            call,
            side,
            of=connection.asks,
            timeout_s=self._timeout_s,
            longest_s=self._longest_s,
        )
        if not spec.read_only:
            async with self._slots.slot(call.call_id):
                self._cache.changed(server)
                try:
                    return await self._call(connection, spec, under_way)
                finally:
                    self._cache.changed(server)
        if kept := self._cache.get(server, spec.name, call.arguments):
            return kept
        async with self._slots.slot(call.call_id):
            changes = self._cache.changes(server)
            result = await self._call(connection, spec, under_way)
        if not under_way.has_asked:
            self._cache.put(server, spec.name, call.arguments, result, changes)
        return result

    async def _call(
        self, connection: Connection, spec: ToolSpec, under_way: UnderWay
    ) -> ToolResult:
        try:
            answer = await connection.call(
                spec.name,
                under_way.call.arguments,
                repeatable=spec.repeatable,
                under_way=under_way,
            )
        except OutcomeUnknownError as lost:
            return self._failed(spec, str(lost), ran=True)
        except UnavailableError as down:
            return self._failed(spec, str(down), ran=False)
        except RefusedError as refused:
            logger.warning("Tool {} was refused: {}", spec.name, refused)
            return error(f"{spec.name} did not work: {refused}")
        return tool_result(answer)

    def _failed(self, spec: ToolSpec, problem: str, *, ran: bool) -> ToolResult:
        """What the model is told when there is no answer."""
        logger.warning("Tool {} gave no answer: {}", spec.name, problem)
        if ran and not spec.repeatable:
            return error(
                f"The outcome of {spec.name} is unknown: it may or may not have been carried out. "
                "Do not call it again. Tell the caller that it has to be checked first."
            )
        if ran:
            return error(f"{spec.name} did not answer in time. It may be tried again.")
        return error(f"{spec.name} can't be reached right now. Nothing was changed.")
