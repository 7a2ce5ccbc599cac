"""Serves: the switchboard, its children and the web server, from start to drained stop."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from agents import Team, ToolServer, tool_servers_of
from bot.app import create_app
from bot.banner import banner
from bot.chat import chat_for
from bot.children import Children, ChildSpec
from bot.engines import engine_named
from bot.impatience import ImpatientHTTP
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for, offered_teams

EMULATOR = "emulator"
CHAT_EMULATOR = "chat emulator"
WRITER_EMULATOR = "transcription emulator"
TOOL_SERVERS = "tool servers"
OWN_SERVERS = "mcp_servers."
"""Of the modules that serve tools these share a process: what they import is most of each."""

TOOLS_DATABASE = "switchboard.db"
"""The tool servers' file in the data directory."""

MAX_MESSAGE_BYTES = 1024 * 1024
"""Of one WebSocket message: an RTVI message with text, or a second of audio many times over."""

PING_S = 20.0
"""A peer of a WebSocket that reads nothing answers no ping: after twice this long it is gone."""


class SwitchboardServer(uvicorn.Server):
    """Says where it is once it serves, and ends the calls before it stops.

    uvicorn itself would close their WebSockets first, and the application's lifespan after that.
    """

    def __init__(self, config: uvicorn.Config, switchboard: Switchboard) -> None:
        super().__init__(config)
        self._switchboard = switchboard
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and shows the banner."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started and sockets:
            port = sockets[0].getsockname()[1]
            switchboard = self._switchboard
            sys.stdout.write(banner(switchboard.settings, switchboard.team, port=port))
            sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal stops the service; each further one makes it hurry.

        It never skips the end of the application: what was said is on disk in any case.
        """
        if self.should_exit and self._loop:
            self._loop.call_soon_threadsafe(self._switchboard.draining.hurry)
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the calls while all routes still answer, then the web server."""
        await self._switchboard.drain()
        # Streams of events would otherwise be waited for.
        self._switchboard.records.feed.end()
        await super().shutdown(sockets)


def server_config(app: FastAPI) -> uvicorn.Config:
    """How the web server serves; where is up to the socket that it is given."""
    return uvicorn.Config(
        app,
        http=ImpatientHTTP,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=list(app.state.switchboard.settings.trusted_proxies),
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        # Audio does not shrink, and trying to costs a tenth of a call's CPU.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=5,
    )


def child_specs(settings: Settings, teams: Iterable[Team]) -> list[ChildSpec]:
    """What this process has to start for itself: the teams' own tool servers, the emulator."""
    teams = list(teams)
    # Children say the obvious at INFO: that is for those who look for something.
    level = settings.log_level if settings.log_level in ("TRACE", "DEBUG") else "WARNING"
    database_url = settings.database_url or f"sqlite:///{settings.data_dir / TOOLS_DATABASE}"
    environment: dict[str, str] = {"LOG_LEVEL": level, "DATABASE_URL": database_url}
    servers = tool_servers_of(teams)
    specs = [
        ChildSpec(name=server.name, module=server.module, environment=environment)
        for server in servers
        if server.module and not _is_own(server)
    ]
    if own := [_path(server) for server in servers if _is_own(server)]:
        specs.append(
            ChildSpec(
                name=TOOL_SERVERS,
                module=f"{OWN_SERVERS}together",
                arguments=tuple(dict.fromkeys(own)),
                environment=environment,
            )
        )
    if settings.engine == "emulator":
        # Whoever answers stands first: that is who an unknown session is taken to belong to.
        names = ",".join(team.name for team in teams)
        engine = engine_named(settings.voice_engine)
        emulators = {EMULATOR: engine.emulator}
        if engine.writer_emulator and not settings.openai_realtime_url:
            emulators[WRITER_EMULATOR] = engine.writer_emulator
        specs += [
            ChildSpec(
                name=name, module=module, arguments=("--teams", names), environment=environment
            )
            for name, module in emulators.items()
        ]
        specs.append(
            ChildSpec(name=CHAT_EMULATOR, module="emulators.chat", environment=environment)
        )
    return specs


@asynccontextmanager
async def switchboard_with_children(settings: Settings) -> AsyncIterator[Switchboard]:
    """A switchboard, not started, whose model and tool servers are there."""
    teams = offered_teams(settings).values()
    specs = child_specs(settings, teams)
    names = {spec.name for spec in specs}
    async with Children(specs) as children:
        is_emulated = settings.engine == "emulator"
        emulator = children.url(EMULATOR) if is_emulated else None
        yield Switchboard(
            settings,
            endpoint=endpoint_for(settings, emulator),
            chat=chat_for(settings, children.url(CHAT_EMULATOR) if is_emulated else None),
            tool_servers={
                server.name: server.url or _url(server, children)
                for server in tool_servers_of(teams)
                if not server.is_plugged
            },
            clips=settings.data_dir / "announcements",
            writer_url=children.url(WRITER_EMULATOR) if WRITER_EMULATOR in names else None,
        )


def _is_own(server: ToolServer) -> bool:
    return (server.module or "").startswith(OWN_SERVERS)


def _path(server: ToolServer) -> str:
    return (server.module or "").removeprefix(OWN_SERVERS)


def _url(server: ToolServer, children: Children) -> str:
    """Where a module serves: in a process of its own, or beside others of ours."""
    if _is_own(server):
        return f"{children.url(TOOL_SERVERS)}/{_path(server)}/mcp"
    return children.url(server.name)


async def serve(settings: Settings, listener: socket.socket) -> None:
    """Serves until a signal says stop."""
    async with switchboard_with_children(settings) as switchboard:
        server = SwitchboardServer(server_config(create_app(switchboard)), switchboard)
        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn raises a signal again when it has heeded it, which would end the process
            # before its children have ended.
            asyncio.get_running_loop().add_signal_handler(number, _heeded)
        await server.serve([listener])


def _heeded() -> None:
    """For a signal that has had its effect."""
