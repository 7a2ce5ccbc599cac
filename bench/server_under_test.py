"""A service in a process of its own, and what it costs."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import httpx
import psutil

START_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds and resident bytes of the one process that handles the audio."""

    cpu_s: float
    rss_bytes: int


@dataclass(frozen=True, slots=True)
class ServerUnderTest:
    """A running service."""

    url: str
    process: psutil.Process

    def cost(self) -> Cost:
        """What the process has cost so far; its children (tool servers) are not counted."""
        times = self.process.cpu_times()
        return Cost(times.user + times.system, self.process.memory_info().rss)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(
    module: Sequence[str], realtime_url: str, ready_path: str, **settings: str
) -> AsyncIterator[ServerUnderTest]:
    """Runs ``python -m <module>`` on a free port until the block ends.

    Args:
        module: The module and its arguments.
        realtime_url: Where it finds its model.
        ready_path: A path that answers below 500 once calls can come.
        settings: More variables for its environment.

    Raises:
        RuntimeError: The service ended or did not answer within a minute.
    """
    port = _free_port()
    folder = TemporaryDirectory(ignore_cleanup_errors=True)
    environment = os.environ | {
        "DATA_DIR": folder.name,
        "PORT": str(port),
        "OPENAI_REALTIME_URL": realtime_url,
        "OPENAI_API_KEY": "bench",
        "LOG_LEVEL": "WARNING",
        "MAX_CALLS": "200",
        "TWILIO_AUTH_TOKEN": "",
        **settings,
    }
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", *module, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        await _answering(child, url + ready_path)
        yield ServerUnderTest(url, psutil.Process(child.pid))
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()
        folder.cleanup()


async def _answering(child: asyncio.subprocess.Process, url: str) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    async with httpx.AsyncClient() as http:
        while child.returncode is None and time.monotonic() < deadline:
            try:
                if (await http.get(url)).status_code < 500:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{url} did not answer (exit code {child.returncode})")
