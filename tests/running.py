"""The service as a person starts it, in a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.patience import PATIENCE_S, answered

ROOT = Path(__file__).parents[1]


@asynccontextmanager
async def switchboard(folder: Path) -> AsyncIterator[str]:
    """``python -m bot.run`` on a free port with a database of its own; yields its address."""
    async with started(folder) as (address, _process):
        yield address


@asynccontextmanager
async def started(folder: Path, **settings: str) -> AsyncIterator[tuple[str, Process]]:
    """The same with settings of its own, and the process, which may be killed."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "TWILIO_"))
    }
    environment |= {
        "PORT": "0",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'test.db'}",
        "DATA_DIR": str(folder),
        # On a machine that is so slow that callers seem to wait it would be a line too many.
        "HOLD_LINE_AFTER_S": "0",
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.run"),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=(folder / "service.log").open("wb"),
    )
    try:
        async with asyncio.timeout(2 * PATIENCE_S):
            async for line in process.stdout:
                name, _, value = line.decode().strip().partition(":")
                if name == "Talk":
                    break
        yield value.strip(), process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def no_call_is_live(address: str) -> None:
    """Returns once the service has freed its last call."""
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as client:
        await answered(
            lambda: client.get("/health"), lambda answer: answer.json()["live_calls"] == 0
        )
