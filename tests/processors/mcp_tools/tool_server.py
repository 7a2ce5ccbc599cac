"""Tool servers, networks and callers to test the MCP host with."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from starlette.types import ASGIApp, Receive, Scope, Send

from processors.mcp_tools import McpHost, ServerState
from processors.tools import Tool, ToolCall, ToolResult

READS = ToolAnnotations(read_only_hint=True)
WRITES = ToolAnnotations(read_only_hint=False, idempotent_hint=False)
SETS = ToolAnnotations(read_only_hint=False, idempotent_hint=True)


class Counter:
    """A tool server that counts the runs of its tools and holds them where a test wants it.

    ``look`` is read-only, ``put`` idempotent, ``add`` neither.
    """

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.running = 0
        self.entered = asyncio.Condition()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.server = MCPServer("counter")
        for name, hints in (("look", READS), ("put", SETS), ("add", WRITES)):
            self.server.add_tool(self._tool(name), name=name, annotations=hints)

    async def until_running(self, count: int) -> None:
        """Wait until that many tools run at once."""
        async with self.entered:
            await self.entered.wait_for(lambda: self.running >= count)

    def _tool(self, name: str) -> Callable[..., Any]:
        async def run(what: str = "") -> str:
            """Do something that can be counted."""
            self.runs.append(name)
            self.running += 1
            async with self.entered:
                self.entered.notify_all()
            try:
                await self.go_on.wait()
            finally:
                self.running -= 1
            return f"{name} {what}"

        return run


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


class Uvicorn:
    """Serves an application on one port, again and again."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/mcp"
        self._serving: asyncio.Task[None] | None = None
        self._server: _Announcing | None = None

    async def start(self, app: ASGIApp) -> None:
        if self.listener.fileno() < 0:
            self.listener = socket.create_server(("127.0.0.1", self.port))
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=0)
        self._server = _Announcing(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self.listener]))
        await self._server.listening.wait()

    async def stop(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        self.listener.close()
        self._server = self._serving = None


class Wire:
    """The network between a host and a server: it can be cut, at any moment, and mended."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._port = 0
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/mcp"

    async def mend(self) -> None:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        if self._listener is not None:
            self._listener.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        self._open.clear()

    async def _accept(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection("127.0.0.1", self._upstream)
        for reader, writer in ((near, forth), (far, back)):
            self._open.add(writer)
            pump = asyncio.create_task(self._pump(reader, writer))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


def http_app(server: MCPServer[Any], **options: Any) -> ASGIApp:
    return server.streamable_http_app(**options)


def handshake_only(app: ASGIApp) -> ASGIApp:
    """A server of before 2026: it knows no ``server/discover``, only sessions."""

    async def old(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            versions = [v for k, v in scope["headers"] if k == b"mcp-protocol-version"]
            if versions and versions[0] >= b"2026":
                body = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"?"}}'
                headers = [(b"content-type", b"application/json")]
                await send({"type": "http.response.start", "status": 400, "headers": headers})
                await send({"type": "http.response.body", "body": body})
                return
        await app(scope, receive, send)

    return old


@asynccontextmanager
async def hosting(servers: dict[str, str], **options: Any) -> AsyncIterator[McpHost]:
    host = McpHost(servers, **options)
    await host.start()
    try:
        assert await host.settled(10)
        yield host
    finally:
        await host.close()


async def until(host: McpHost, true: Callable[[], bool]) -> None:
    """Wait for what a change of a server brings about; the test's own timeout bounds it."""
    changed = asyncio.Event()
    stop = host.on_change(lambda _: changed.set())
    while not true():
        await changed.wait()
        changed.clear()
    stop()


async def until_state(host: McpHost, server: str, state: ServerState) -> None:
    await until(host, lambda: host.status()[server].state is state)


class Caller:
    """One phone call that runs tools of a host."""

    def __init__(self, host: McpHost, call_id: str = "call-1") -> None:
        self._host = host
        self._call_id = call_id
        self._count = 0

    def tool(self, name: str, *servers: str) -> Tool:
        tools = self._host.tools(servers or tuple(self._host.status()))
        return next(tool for tool in tools if tool.name == name)

    def run(self, tool: Tool, **arguments: Any) -> asyncio.Task[ToolResult]:
        self._count += 1
        call = ToolCall(self._call_id, f"call_{self._count}", tool.name, arguments, "agent")
        return asyncio.ensure_future(tool.run(call))
