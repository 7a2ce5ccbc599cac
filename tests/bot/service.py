"""The service in this process, over the emulated model: for tests that place calls."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from bot.app import create_app
from bot.serve import server_config
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for
from emulators.realtime import RealtimeEmulator
from emulators.realtime.minds.script import script_from
from tests.emulators.standins import ScriptedHearing, ToneSpeech

SCRIPT = """
opening:
  - say: Hello there
turns:
  - do:
      - say: Very well then
loop: true
"""


NO_TOOL_SERVERS = dict.fromkeys(("booking", "post_booking"), "http://127.0.0.1:9/mcp")


@asynccontextmanager
async def model(
    script: str = SCRIPT, hearing: Iterable[str] = (), **options: Any
) -> AsyncIterator[RealtimeEmulator]:
    """An emulated model that follows a script, with a voice that costs nothing."""
    emulator = RealtimeEmulator(
        mind=script_from(yaml.safe_load(script)),
        speech=ToneSpeech(),
        hearing=ScriptedHearing(hearing, check=False),
        **options,
    )
    async with emulator:
        yield emulator


async def until(condition: Callable[[], bool], *, timeout_s: float = 20) -> None:
    """Returns once something that announces itself to nobody is so."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - that is the point
            await asyncio.sleep(0.01)


class Service:
    def __init__(self, switchboard: Switchboard, port: int) -> None:
        self.switchboard = switchboard
        self.port = port
        self.http = f"http://127.0.0.1:{port}"
        self.ws = f"ws://127.0.0.1:{port}"


@asynccontextmanager
async def service(
    realtime_url: str,
    *,
    tool_servers: dict[str, str] | None = None,
    console: Path = Path("nowhere"),
    **settings: Any,
) -> AsyncIterator[Service]:
    """The service on a free port."""
    chosen = Settings(
        _env_file=None, openai_realtime_url=realtime_url, openai_api_key="any", **settings
    )
    switchboard = Switchboard(
        chosen, endpoint=endpoint_for(chosen), tool_servers=tool_servers or NO_TOOL_SERVERS
    )
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(server_config(create_app(switchboard, console=console)))
    serving = asyncio.create_task(server.serve([listener]))
    await until(lambda: server.started)
    try:
        yield Service(switchboard, listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
