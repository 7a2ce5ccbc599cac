"""PostgreSQL behind a line that can be cut."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit


class CutLine:
    """A proxy on a port of this machine; `cut` ends what goes through it and refuses the rest."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._there = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._url = url
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._port = 0
        self.connections = 0

    async def mend(self) -> str:
        """Lets connections through; the URL of the database behind the line."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        parts = urlsplit(self._url)
        user = f"{parts.username}@" if parts.username else ""
        return f"postgresql://{user}127.0.0.1:{self._port}{parts.path}"

    async def cut(self) -> None:
        """Breaks every connection, as a server that is stopped does."""
        if self._server:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, here = await asyncio.open_connection(*self._there)
        self._open |= {writer, here}
        with suppress(OSError):
            await asyncio.gather(self._pass(reader, here), self._pass(there, writer))
        self._open -= {writer, here}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
