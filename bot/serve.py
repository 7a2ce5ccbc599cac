"""Serves: the switchboard, its children and the web server, from start to drained stop."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from agents import Team, load_team
from bot.app import create_app
from bot.banner import banner
from bot.children import Children, ChildSpec
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for

EMULATOR = "emulator"
MAX_MESSAGE_BYTES = 1024 * 1024
"""Of one WebSocket message: an RTVI message with text, or a second of audio many times over."""


class SwitchboardServer(uvicorn.Server):
    """Says where it is once it serves, and ends the calls before it stops.

    uvicorn itself would close their WebSockets first, and the application's lifespan after that.
    """

    def __init__(self, config: uvicorn.Config, switchboard: Switchboard) -> None:
        super().__init__(config)
        self._switchboard = switchboard

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and shows the banner."""
        await super().startup(sockets)
        if self.started and sockets:
            port = sockets[0].getsockname()[1]
            switchboard = self._switchboard
            sys.stdout.write(banner(switchboard.settings, switchboard.team, port=port))
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drains, unless a second Ctrl-C says that there is no time for it."""
        draining = asyncio.create_task(
            self._switchboard.calls.drain(self._switchboard.settings.drain_timeout_s)
        )
        while not draining.done() and not self.force_exit:
            await asyncio.wait((draining,), timeout=0.1)
        draining.cancel()
        await super().shutdown(sockets)


def server_config(app: FastAPI) -> uvicorn.Config:
    """How the web server serves; where is up to the socket that it is given."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        # Audio does not shrink, and trying to costs a tenth of a call's CPU.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=5,
    )


def child_specs(settings: Settings, team: Team) -> list[ChildSpec]:
    """What this process has to start for itself: the team's own tool servers, the emulator."""
    # Children say the obvious at INFO: that is for those who look for something.
    level = settings.log_level if settings.log_level in ("TRACE", "DEBUG") else "WARNING"
    environment: dict[str, str] = {"LOG_LEVEL": level}
    if settings.database_url:
        environment["DATABASE_URL"] = settings.database_url
    specs = [
        ChildSpec(name=server.name, module=server.module, environment=environment)
        for server in team.tool_servers
        if server.module
    ]
    if settings.engine == "emulator":
        specs.append(ChildSpec(name=EMULATOR, module="emulators.realtime", environment=environment))
    return specs


@asynccontextmanager
async def switchboard_with_children(settings: Settings) -> AsyncIterator[Switchboard]:
    """A switchboard, not started, whose model and tool servers are there."""
    team = load_team(settings.team)
    async with Children(child_specs(settings, team)) as children:
        emulator = children.url(EMULATOR) if settings.engine == "emulator" else None
        yield Switchboard(
            settings,
            endpoint=endpoint_for(settings, emulator),
            tool_servers={
                server.name: server.url or children.url(server.name) for server in team.tool_servers
            },
        )


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
