"""A dangerous tool of a real tool server, in a whole call: an operator lets it run, or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

from processors.events.conversation import AgentTranscript
from processors.events.event import Event
from processors.events.tools import ApprovalDecided
from tests.bot.browser import READY, SocketPage, socket_page, typed
from tests.bot.events import events_of
from tests.bot.service import NO_TOOL_SERVERS, model, service, until
from tests.patience import PATIENCE_S
from tests.processors.mcp_tools.tool_server import Uvicorn, http_app

pytestmark = pytest.mark.call

SCRIPT = """
opening: [{say: Hello there}]
turns:
  - do: [{call: {name: book-hotel, arguments: {hotel: Ritz}}}]
  - do: [{say: This is how it stands}]
"""

STANDS = "This is how it stands"


class Hotels:
    """A tool server with one tool, which costs somebody money."""

    def __init__(self) -> None:
        self.booked: list[str] = []

    async def book(self, hotel: str) -> str:
        """Books a hotel."""
        self.booked.append(hotel)
        return f"{hotel} is booked"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        server = MCPServer("booking")
        costs = ToolAnnotations(read_only_hint=False, destructive_hint=True)
        server.add_tool(self.book, name="book-hotel", annotations=costs)
        running = Uvicorn()
        await running.start(http_app(server))
        try:
            yield running.url
        finally:
            await running.stop()


def said(events: list[Event]) -> list[str]:
    return [e.text for e in events if isinstance(e, AgentTranscript) and e.final]


async def waiting(page: SocketPage) -> tuple[str, str]:
    """The call, and the approval that is asked for in it."""
    await page.tell(READY)
    await page.sees("agent.transcript", text="Hello there", final=True)
    await page.tell(typed("book me the Ritz"))
    asked = await page.sees("approval.requested", tool="book-hotel", of="operator")
    await page.sees("agent.transcript", text=STANDS, final=True)
    return asked["call_id"], asked["approval_id"]


@pytest.mark.parametrize(
    ("approve", "decision", "booked", "told"),
    [(True, "approved", ["Ritz"], "Ritz is booked"), (False, "denied", [], "not approved")],
    ids=["approved", "denied"],
)
async def test_a_tool_waits_for_an_operator_and_the_agent_says_what_came_of_it(
    approve, decision, booked, told
):
    hotels = Hotels()
    async with (
        hotels.serving() as url,
        model(SCRIPT) as emulator,
        service(
            emulator.url,
            tool_servers={**NO_TOOL_SERVERS, "booking": url},
            destructive_tools="operator",
        ) as running,
        events_of(running) as events,
        httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as client,
    ):
        await running.switchboard.mcp.settled(PATIENCE_S)
        async with socket_page(running, "?team=travel&agent=hotel_booking") as page:
            call_id, approval_id = await waiting(page)
            assert hotels.booked == []
            answer = await client.post(
                f"/api/calls/{call_id}/approvals/{approval_id}", json={"approve": approve}
            )
            assert answer.status_code == 200
            await until(lambda: said(events).count(STANDS) == 2, timeout_s=PATIENCE_S)
            [session] = emulator.sessions
            known = [str(item.wire) for item in session.conversation.items]
            again = await client.post(
                f"/api/calls/{call_id}/approvals/{approval_id}", json={"approve": True}
            )
    assert again.status_code == 404, "it is decided"
    assert hotels.booked == booked
    assert any(told in item for item in known), "the agent knows before it speaks again"
    assert [(e.decision, e.by) for e in events if isinstance(e, ApprovalDecided)] == [
        (decision, "local")
    ]
