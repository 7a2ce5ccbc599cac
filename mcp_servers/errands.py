"""MCP server ``errands``: the quotes, offers, orders and appointments that calls bring home."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, time
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_servers.database import open_database, prepare
from mcp_servers.notebook.answers import (
    AppointmentAnswer,
    Appointments,
    Comparison,
    Offer,
    Order,
    OrderedItem,
    QuoteAnswer,
    Validation,
)
from mcp_servers.notebook.notebook import Notebook
from mcp_servers.serve import run
from mcp_servers.spoken_server import SpokenServer

LOOKS_UP = ToolAnnotations(read_only_hint=True, open_world_hint=False)
NOTES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)

Business = Annotated[str, Field(description="The name of the business", max_length=80)]
Service = Annotated[str, Field(description="The service or thing asked for", max_length=80)]
Price = Annotated[float, Field(description="The price", ge=0, le=10_000_000)]
ValidUntil = Annotated[date | None, Field(description="The last day it is valid")]


def build(database: str, *, today: Callable[[], date] = date.today) -> MCPServer[Any]:
    """The server on a database; see `mcp_servers.database` for its URL.

    Args:
        database: URL of the database that it writes to.
        today: The current date.
    """
    engine = open_database(database)
    notebook = Notebook(engine, today)

    @asynccontextmanager
    async def lifespan(_server: MCPServer[Any]) -> AsyncIterator[None]:
        await prepare(engine, "errands", Notebook.prepare)
        try:
            yield
        finally:
            await engine.dispose()

    server = SpokenServer("errands", title="Errands", lifespan=lifespan)

    @server.tool("extract-quote", title="Note a quote", annotations=ADDS)
    async def extract_quote(
        service: Service,
        business: Business,
        price: Price,
        currency: Annotated[
            str, Field(description="The currency, ISO 4217", pattern=r"^[A-Z]{3}$")
        ] = "USD",
        details: Annotated[str, Field(description="What is included", max_length=500)] = "",
        availability: Annotated[str, Field(description="When it can be done", max_length=120)] = "",
        valid_until: ValidUntil = None,
    ) -> QuoteAnswer:
        """Note a quote: what a business asks for a service. Its newest quote for it counts."""
        return await notebook.note_quote(
            service, business, price, currency, details, availability, valid_until
        )

    @server.tool("validate-quote", title="Check a quote", annotations=LOOKS_UP)
    async def validate_quote(
        quote_number: Annotated[int, Field(description="The quote's number", ge=1, le=2**31 - 1)],
    ) -> Validation:
        """Say what is doubtful about a quote: expired, far off the others, or left open."""
        return await notebook.validate(quote_number)

    @server.tool("compare-quotes", title="Compare quotes", annotations=LOOKS_UP)
    async def compare_quotes(service: Service) -> Comparison:
        """List the quotes for a service, the cheapest first."""
        return await notebook.compare(service)

    @server.tool("record-special-offer", title="Note an offer", annotations=NOTES)
    async def record_special_offer(
        business: Business,
        offer: Annotated[str, Field(description="What is offered", max_length=300)],
        valid_until: ValidUntil = None,
    ) -> Offer:
        """Note a special offer of a business."""
        return await notebook.note_offer(business, offer, valid_until)

    @server.tool("place-order", title="Note a confirmed order", annotations=NOTES)
    async def place_order(
        business: Business,
        items: Annotated[
            list[OrderedItem], Field(description="What is ordered", min_length=1, max_length=50)
        ],
        total_price: Price,
        confirmation_number: Annotated[
            str, Field(description="The confirmation number", max_length=40)
        ],
        estimated_time: Annotated[
            str, Field(description="How long it will take", max_length=80)
        ] = "",
    ) -> Order:
        """Place an order: note it once the business has accepted it and given its number."""
        return await notebook.place_order(
            business, items, total_price, confirmation_number, estimated_time
        )

    @server.tool("schedule-appointment", title="Note an appointment", annotations=NOTES)
    async def schedule_appointment(
        business: Business,
        day: Annotated[date, Field(description="The day")],
        at: Annotated[time, Field(description="The time, HH:MM", examples=["14:00"])],
        confirmation_number: Annotated[
            str, Field(description="The confirmation number", max_length=40)
        ] = "",
        notes: Annotated[str, Field(description="What to bring or know", max_length=300)] = "",
    ) -> AppointmentAnswer:
        """Note an appointment that a business has given; no two are at the same time."""
        return await notebook.schedule(business, day, at, confirmation_number, notes)

    @server.tool("list-appointments", title="Read out appointments", annotations=LOOKS_UP)
    async def list_appointments(
        page: Annotated[
            str | None, Field(description="`next_page` of the page before; none for the next ones")
        ] = None,
    ) -> Appointments:
        """Say which appointments are to come, the next one first."""
        return await notebook.upcoming(page)

    return server


if __name__ == "__main__":
    run(build, __doc__)
