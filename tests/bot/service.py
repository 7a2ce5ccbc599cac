"""The service in this process, over the emulated model: for tests that place calls."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
import yaml
from fastapi import FastAPI

from bot.app import create_app
from bot.calls import new_call_id
from bot.chat import chat_for
from bot.serve import server_config
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for
from emulators.realtime import RealtimeEmulator
from emulators.realtime.minds.script import script_from
from tests.emulators.standins import ScriptedHearing, ToneSpeech
from tests.patience import until

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


class Service:
    def __init__(self, switchboard: Switchboard, app: FastAPI, port: int) -> None:
        self.switchboard = switchboard
        self.app = app
        self.port = port
        self.http = f"http://127.0.0.1:{port}"
        self.ws = f"ws://127.0.0.1:{port}"

    def stream_parameters(self, call_sid: str = "CA1") -> dict[str, str]:
        """What the webhook gives the media stream of a call, so that it is let in."""
        call_id = new_call_id()
        token = self.switchboard.stream_tokens.issue(call_id, call_sid)
        return {"call_id": call_id, "token": token}


@asynccontextmanager
async def service(
    realtime_url: str,
    *,
    tool_servers: dict[str, str] | None = None,
    console: Path = Path("nowhere"),
    clips: Path | None = None,
    **settings: Any,
) -> AsyncIterator[Service]:
    """The service on a free port, with its files in a folder that goes with it."""
    folder = TemporaryDirectory(ignore_cleanup_errors=True)
    # A machine that is so slow that callers seem to wait would have lines too many.
    settings = {"data_dir": Path(folder.name), "hold_line_after_s": 0, **settings}
    chosen = Settings(
        _env_file=None, openai_realtime_url=realtime_url, openai_api_key="any", **settings
    )
    switchboard = Switchboard(
        chosen,
        endpoint=endpoint_for(chosen),
        chat=chat_for(chosen),
        tool_servers=tool_servers or NO_TOOL_SERVERS,
        clips=clips,
    )
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_app(switchboard, console=console)
    server = uvicorn.Server(server_config(app))
    serving = asyncio.create_task(server.serve([listener]))
    await until(lambda: server.started)
    try:
        yield Service(switchboard, app, listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
        folder.cleanup()
