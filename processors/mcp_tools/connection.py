"""One supervised connection to an MCP server, shared by all calls of the process."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from loguru import logger
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client import ClientRequestContext, Transport
from mcp.client.streamable_http import streamable_http_client
from mcp_types import (
    CONNECTION_CLOSED,
    PARSE_ERROR,
    REQUEST_TIMEOUT,
    CallToolResult,
    ElicitRequestParams,
    ElicitResult,
    Implementation,
)
from mcp_types import Tool as McpTool
from pydantic import ValidationError

from processors.mcp_tools.authorization import authorization
from processors.mcp_tools.child_output import logged_output
from processors.mcp_tools.servers import McpServer
from processors.mcp_tools.specs import ToolSpec, tool_specs
from processors.mcp_tools.transport import (
    NOT_SENT,
    OUTCOME_UNKNOWN,
    SESSION_LOST,
    http_client,
)
from processors.mcp_tools.under_way import UnderWay, which_asks

_CONNECT_S = 5.0
_START_S = 30.0
"""A command may have to load first what it runs."""
_FIRST_RETRY_S, _LAST_RETRY_S = 0.1, 15.0
_COMEBACK_S = 2.0
_MAX_PAGES = 50

_SAFE_TO_REPEAT = frozenset({NOT_SENT, SESSION_LOST})
_UNKNOWN = frozenset({OUTCOME_UNKNOWN, CONNECTION_CLOSED, REQUEST_TIMEOUT, PARSE_ERROR})


class ServerState(StrEnum):
    """Where a connection stands."""

    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"
    CLOSED = "closed"


class UnavailableError(Exception):
    """The server can't be reached. The tool did not run."""


class OutcomeUnknownError(Exception):
    """The request went out and no usable answer came back. The tool may have run."""


class RefusedError(Exception):
    """The server answered with a protocol error. The text is the server's."""


class Connection:
    """Connects, keeps the list of tools fresh, reconnects; calls tools for everybody.

    Args:
        name: Of the server, for log lines.
        server: How it is reached.
        refresh_s: How often to list the tools again, which is also how a silent death is noticed.
        on_change: Called when the state or the tools have changed.
    """

    def __init__(
        self, name: str, server: McpServer, *, refresh_s: float, on_change: Callable[[], None]
    ) -> None:
        self.name = name
        self.state = ServerState.CONNECTING
        self.specs: tuple[ToolSpec, ...] = ()
        self.problem: str | None = None
        self.tried = asyncio.Event()
        self.is_open = server.is_open
        self.asks = server.asks
        self._connect_s = _START_S if server.command else _CONNECT_S
        self._server = server
        self._refresh_s = refresh_s
        self._on_change = on_change
        self._client: Client | None = None
        self._up = asyncio.Event()
        self._suspected = asyncio.Event()
        self._under_way: set[UnderWay] = set()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        failures = 0
        try:
            while True:
                try:
                    async with AsyncExitStack() as stack:
                        async with asyncio.timeout(self._connect_s):
                            client = await self._connect(stack)
                            tools = await _list_tools(client)
                        failures = 0
                        self._announce(client, tools)
                        await self._watch(client)
                except Exception as error:
                    self._lost(_reason(error))
                longest = min(_LAST_RETRY_S, _FIRST_RETRY_S * 2**failures)
                await asyncio.sleep(longest * random.uniform(0.5, 1))
                failures += 1
        finally:
            self._become(ServerState.CLOSED, None)

    async def call(
        self, tool: str, arguments: dict[str, Any], *, repeatable: bool, under_way: UnderWay
    ) -> CallToolResult:
        """Call a tool, a second time if the first request was lost and that does no harm.

        A request that provably did not reach the server is sent again once the server is back,
        whatever the tool does; one whose outcome is unknown only if it is ``repeatable``.
        The time of ``under_way`` is for all of it.

        Raises:
            UnavailableError: The server is down and did not come back.
            OutcomeUnknownError: The tool may have run.
            RefusedError: The server refused the request.
        """
        deadline = asyncio.get_running_loop().time() + under_way.timeout_s
        attempts = 2
        while True:
            attempts -= 1
            client = await self._connected(deadline)
            self._under_way.add(under_way)
            try:
                async with under_way.running(deadline):
                    return await client.call_tool(
                        tool, arguments, progress_callback=under_way.progressed
                    )
            except TimeoutError:
                self._suspected.set()
                raise OutcomeUnknownError(
                    f"no answer within {under_way.timeout_s:g} seconds"
                ) from None
            except MCPError as error:
                if error.code in _SAFE_TO_REPEAT:
                    if client is self._client:
                        self._lost(error.message)
                    if not attempts:
                        raise UnavailableError(error.message) from error
                elif error.code in _UNKNOWN:
                    self._suspected.set()
                    if not (attempts and repeatable):
                        raise OutcomeUnknownError(error.message) from error
                else:
                    raise RefusedError(error.message) from error
            except (RuntimeError, ValidationError) as error:
                # The SDK checks results against the tool's output schema, after it ran.
                raise OutcomeUnknownError(f"malformed answer: {type(error).__name__}") from error
            finally:
                self._under_way.discard(under_way)

    async def _elicited(
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ElicitResult:
        """The server asks something, in the middle of a call."""
        if under_way := which_asks(self._under_way):
            return await under_way.asked(params)
        logger.warning("{} asks something, and no call is known that it could be for", self.name)
        return ElicitResult(action="cancel")

    async def _connected(self, deadline: float) -> Client:
        """The client, after a short wait for a server that is coming back."""
        comeback = asyncio.get_running_loop().time() + _COMEBACK_S
        try:
            async with asyncio.timeout_at(min(comeback, deadline)):
                await self._up.wait()
        except TimeoutError:
            raise UnavailableError(self.problem or "not connected yet") from None
        if self._client is None:
            raise UnavailableError(self.problem or "not connected")
        return self._client

    async def _connect(self, stack: AsyncExitStack) -> Client:
        return await stack.enter_async_context(
            Client(
                await self._transport(stack),
                cache=None,
                elicitation_callback=self._elicited if self._server.asks else None,
                client_info=Implementation(name="switchboard", version=_version()),
            )
        )

    async def _transport(self, stack: AsyncExitStack) -> Transport:
        server = self._server
        if server.command:
            program = StdioServerParameters(
                command=server.command,
                args=list(server.args),
                env=dict(server.env),
                cwd=server.cwd,
            )
            errlog = await stack.enter_async_context(logged_output(self.name))
            return stdio_client(program, errlog)
        url = server.url or ""
        auth = authorization(url, server.oauth) if server.oauth else None
        http = await stack.enter_async_context(http_client(url, headers=server.headers, auth=auth))
        return streamable_http_client(url, http_client=http)

    async def _watch(self, client: Client) -> None:
        """List the tools now and then, and when a call met a problem; raises when that fails."""
        while True:
            try:
                async with asyncio.timeout(self._refresh_s):
                    await self._suspected.wait()
            except TimeoutError:
                pass
            self._suspected.clear()
            async with asyncio.timeout(_CONNECT_S):
                tools = await _list_tools(client)
            self._announce(client, tools)

    def _announce(self, client: Client, tools: list[McpTool]) -> None:
        allowed = self._server.tools
        if allowed is not None:
            tools = [tool for tool in tools if tool.name in allowed]
        specs = tool_specs(self.name, tools, read_only=self._server.read_only)
        if self.state is not ServerState.UP:
            logger.info("Tool server {} is up with {} tools", self.name, len(specs))
        elif specs != self.specs:
            logger.info("Tool server {} has {} tools now", self.name, len(specs))
        self._client = client
        self._become(ServerState.UP, None, specs)

    def _lost(self, problem: str) -> None:
        """Take the tools away; `run` brings them back."""
        if self.state is not ServerState.DOWN:
            logger.warning(
                "Tool server {} can't be reached ({}): its tools are missing until it is back",
                self.name,
                problem,
            )
        self._become(ServerState.DOWN, problem)
        self._suspected.set()

    def _become(
        self, state: ServerState, problem: str | None, specs: tuple[ToolSpec, ...] = ()
    ) -> None:
        changed = (state, specs) != (self.state, self.specs)
        self.state, self.problem, self.specs = state, problem, specs
        if state is ServerState.UP:
            self._up.set()
        else:
            self._client = None
            self._up.clear()
        self.tried.set()
        if changed:
            self._on_change()


async def _list_tools(client: Client) -> list[McpTool]:
    tools: list[McpTool] = []
    cursor: str | None = None
    for _ in range(_MAX_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools.extend(page.tools)
        cursor = page.next_cursor
        if cursor is None:
            break
    return tools


def _reason(error: BaseException) -> str:
    """What went wrong, from the innermost error of a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__


def _version() -> str:
    try:
        return version("switchboard")
    except PackageNotFoundError:
        return "0"
