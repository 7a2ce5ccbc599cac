"""The service as production starts it, in a process of its own, with a database of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 30.0
ROOT = Path(__file__).parents[3]
OWN = ("DATABASE_URL", "DATA_DIR", "PORT", "PUBLIC_URL", "REDIS_URL", "WEBHOOK_URLS", "API_KEYS")
"""What the environment says of another service than this one."""


class ServiceError(RuntimeError):
    """The service did not start."""


@asynccontextmanager
async def service_process(
    folder: Path, settings: Mapping[str, str], *, emulated: bool
) -> AsyncIterator[str]:
    """Runs ``python -m bot.run`` on a free port and yields its address.

    Args:
        folder: Where its data and its log (``service.log``) go.
        settings: Its own.
        emulated: Leave out the environment's keys and addresses of models.

    Raises:
        ServiceError: It ended, or did not say in time where it listens.
    """
    foreign = ("TWILIO_", "OPENAI_", "AZURE_", "VOICE_ENGINE") if emulated else ("TWILIO_",)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in OWN and not name.startswith(foreign)
    }
    environment |= {
        "PORT": "0",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'service.db'}",
        "DATA_DIR": str(folder),
        **settings,
    }
    log = folder / "service.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.run"),
            cwd=ROOT,
            env=environment,
            stdout=PIPE,
            stderr=errors,
        )
    drained: asyncio.Task[None] | None = None
    try:
        output = process.stdout
        if output is None:
            raise ServiceError("no pipe")
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                address = await _address(output)
        except TimeoutError:
            address = ""
        if not address:
            end = log.read_text("utf-8", errors="replace")[-2000:]
            raise ServiceError(f"the service did not start; its log ends with:\n{end}")
        drained = asyncio.create_task(_drain(output))
        yield address
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()
        if drained:
            await drained


async def _address(output: asyncio.StreamReader) -> str:
    async for line in output:
        name, _, value = line.decode(errors="replace").strip().partition(":")
        if name == "Talk":
            return value.strip()
    return ""


async def _drain(output: asyncio.StreamReader) -> None:
    while await output.read(65_536):
        pass
