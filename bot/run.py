"""The command line: ``python -m bot.run`` serves, ``python -m bot.run mic`` talks from here."""

import argparse
import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
import uvloop
from loguru import logger

from agents import Team, load_team
from bot.app import create_app
from bot.banner import banner
from bot.children import ChildError, Children, ChildSpec
from bot.logs import configure_logging
from bot.settings import Settings, read_settings
from bot.switchboard import Switchboard, endpoint_for
from bot.transports.microphone import (
    AudioDevice,
    AudioDeviceError,
    MicrophoneLine,
    SoundCard,
    WavFiles,
)

EMULATOR = "emulator"
MAX_MESSAGE_BYTES = 1024 * 1024
"""Of one WebSocket message: an RTVI message with text, or a second of audio many times over."""


class DrainingServer(uvicorn.Server):
    """Ends the calls before it stops: uvicorn itself would close their WebSockets first."""

    def __init__(self, config: uvicorn.Config, switchboard: Switchboard) -> None:
        super().__init__(config)
        self._switchboard = switchboard

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drains, unless a second Ctrl-C says that there is no time for it."""
        draining = asyncio.create_task(
            self._switchboard.calls.drain(self._switchboard.settings.drain_timeout_s)
        )
        while not draining.done() and not self.force_exit:
            await asyncio.wait((draining,), timeout=0.1)
        draining.cancel()
        await super().shutdown(sockets)


def child_specs(settings: Settings, team: Team) -> list[ChildSpec]:
    """What this process has to start for itself: the team's own tool servers, the emulator."""
    environment = {"TEAM": team.name, "LOG_LEVEL": settings.log_level}
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
        config = uvicorn.Config(
            create_app(switchboard),
            log_config=None,
            access_log=False,
            ws_max_size=MAX_MESSAGE_BYTES,
            # Audio does not shrink, and trying to costs a tenth of a call's CPU.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=5,
        )
        port = listener.getsockname()[1]
        sys.stdout.write(banner(settings, switchboard.team, port=port))
        sys.stdout.flush()
        await DrainingServer(config, switchboard).serve([listener])


async def talk(settings: Settings, device: AudioDevice) -> None:
    """Holds one call between the device and the team."""
    async with switchboard_with_children(settings) as switchboard:
        await switchboard.start()
        try:
            sys.stdout.write(f"Talking to {switchboard.team.title}; Ctrl-C hangs up.\n")
            sys.stdout.flush()
            await switchboard.calls.admit().run(MicrophoneLine(device))
        finally:
            await switchboard.close()


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on; a line on stderr and exit code 2 when it can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        sys.stderr.write(f"HOST and PORT should be free: cannot use {host}:{port}: {error}\n")
        raise SystemExit(2) from None
    listener.setblocking(False)
    return listener


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.run",
        description="Answers calls. Settings come from the environment: docs/settings.md.",
    )
    commands = parser.add_subparsers(dest="command", metavar="mic")
    mic = commands.add_parser("mic", help="talk through this machine's microphone instead")
    mic.add_argument("--input", type=Path, help="a WAV file in place of the microphone")
    mic.add_argument("--output", type=Path, help="write what is heard to this WAV file")
    options = parser.parse_args(arguments)
    if options.command == "mic" and options.output and not options.input:
        parser.error("--output goes with --input")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; 0 for a proper end, 1 when something it needs did not start."""
    options = parse(arguments)
    settings = read_settings()
    configure_logging(settings.log_level)
    try:
        if options.command == "mic":
            device = WavFiles(options.input, options.output) if options.input else SoundCard()
            running = talk(settings, device)
        else:
            running = serve(settings, listen(settings.host, settings.port))
        uvloop.run(running)
    except (AudioDeviceError, ChildError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        logger.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
