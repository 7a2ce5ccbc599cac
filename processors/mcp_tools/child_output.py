"""What the process of an MCP server writes to stderr: at debug level in our log."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TextIO

from loguru import logger


@asynccontextmanager
async def logged_output(name: str) -> AsyncIterator[TextIO]:
    """A file for a child's stderr, whose lines are logged while it is open."""
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb")
    )
    logging = asyncio.create_task(_log(name, reader), name=f"tool-server-log-{name}")
    try:
        with os.fdopen(write_end, "w") as errlog:
            yield errlog
    finally:
        logging.cancel()
        transport.close()


async def _log(name: str, reader: asyncio.StreamReader) -> None:
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            # Longer than the reader's limit, which dropped it.
            continue
        if not line:
            return
        logger.debug("{}: {}", name, line.decode(errors="replace").rstrip())
