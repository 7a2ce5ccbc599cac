"""Serves the REST API of a carrier."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

from emulators.twilio.carrier import Carrier
from emulators.twilio.rest import rest_app


class _Server(uvicorn.Server):
    """Leaves the process's signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


@contextlib.asynccontextmanager
async def serving(
    carrier: Carrier, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[str]:
    """Serves ``carrier`` until the block ends; gives the base URL. Port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        bound = listener.getsockname()[1]
        config = uvicorn.Config(rest_app(carrier), log_config=None, lifespan="off", ws="none")
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
        finally:
            server.should_exit = True
            await task
