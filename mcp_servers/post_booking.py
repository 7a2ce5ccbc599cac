"""MCP server ``post_booking``: look up and cancel what the booking server booked."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from pydantic import BeforeValidator, Field

from mcp_servers.database import open_database, prepare
from mcp_servers.serve import run
from mcp_servers.spoken_server import SpokenServer
from mcp_servers.travel.agency import Agency
from mcp_servers.travel.catalogue import create_and_seed
from mcp_servers.travel.offers import Booking

LOOKS_UP = ToolAnnotations(read_only_hint=True, open_world_hint=False)
CANCELS = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)


def _digits(value: object) -> object:
    """``4 7 1 9 3 2``, ``471-932`` and the number 471932 as ``471932``."""
    return "".join(letter for letter in str(value) if letter.isalnum())


ConfirmationNumber = Annotated[
    str,
    Field(
        description="The six-digit confirmation number",
        pattern=r"^[0-9]{6}$",
        examples=["471932"],
    ),
    BeforeValidator(_digits),
]


def build(database: str, *, today: Callable[[], date] = date.today) -> MCPServer[Any]:
    """The server on a database; see `mcp_servers.database` for its URL.

    Args:
        database: URL of the database that the booking server writes to.
        today: The current date.
    """
    engine = open_database(database)
    agency = Agency(engine, today)

    @asynccontextmanager
    async def lifespan(_server: MCPServer[Any]) -> AsyncIterator[None]:
        await prepare(engine, "travel", create_and_seed)
        try:
            yield
        finally:
            await engine.dispose()

    server = SpokenServer("post_booking", title="Existing bookings", lifespan=lifespan)

    @server.tool("get-booking", title="Look up a booking", annotations=LOOKS_UP)
    async def get_booking(confirmation_number: ConfirmationNumber) -> Booking:
        """Look up a booking by its confirmation number: what, where, when, in whose name."""
        return await agency.booking(confirmation_number)

    @server.tool("cancel-booking", title="Cancel a booking", annotations=CANCELS)
    async def cancel_booking(confirmation_number: ConfirmationNumber) -> Booking:
        """Cancel a booking by its confirmation number."""
        return await agency.cancel(confirmation_number)

    return server


if __name__ == "__main__":
    run(build, __doc__)
