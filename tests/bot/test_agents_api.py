"""Agents as operators see them, and calls from a browser that ask for one of them."""

import pytest
from httpx import AsyncClient
from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.bot.browser import READY, socket_page
from tests.bot.service import NO_TOOL_SERVERS, model, service
from tests.processors.mcp_tools.tool_server import READS, Uvicorn, http_app

DELETES = ToolAnnotations(read_only_hint=False, destructive_hint=True)


def booking_server() -> MCPServer:
    async def run() -> str:
        """Does what its name says."""
        return "done"

    server = MCPServer("booking")
    server.add_tool(run, name="search-hotel", annotations=READS)
    server.add_tool(run, name="book-hotel", annotations=DELETES)
    server.add_tool(run, name="search-flight", annotations=READS)
    return server


async def test_operators_see_what_agents_are_told_and_what_they_may_do():
    serving = Uvicorn()
    await serving.start(http_app(booking_server()))
    servers = {**NO_TOOL_SERVERS, "booking": serving.url}
    try:
        async with (
            model() as emulator,
            service(emulator.url, tool_servers=servers) as running,
            AsyncClient(base_url=running.http) as client,
        ):
            await running.switchboard.mcp.settled(20)
            teams = (await client.get("/api/agents")).json()
    finally:
        await serving.stop()
    [travel] = [team for team in teams if team["name"] == "travel"]
    desk, hotels = travel["agents"][:2]
    assert desk["entry"]
    assert "hotel_booking" in desk["consults"]
    assert hotels["instructions"] == running.switchboard.team.agent("hotel_booking").instructions
    tools = {tool["name"]: (tool["server"], tool["approver"]) for tool in hotels["tools"]}
    assert tools == {"search-hotel": ("booking", None), "book-hotel": ("booking", "caller")}
    assert {server["name"]: server["state"] == "up" for server in travel["tool_servers"]} == {
        "booking": True,
        "post_booking": False,
    }


async def test_a_browser_is_answered_by_the_agent_that_it_asks_for():
    async with model() as emulator, service(emulator.url) as running:
        async with socket_page(running, "?team=travel&agent=hotel_booking") as page:
            await page.tell(READY)
            await page.sees("agent.changed", from_agent=None, to_agent="hotel_booking")
            await page.sees("agent.transcript", agent="hotel_booking", final=True)
        async with connect(f"{running.ws}/ws?agent=nobody") as refused:
            with pytest.raises(ConnectionClosed) as closed:
                await refused.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
    assert "nobody" in closed.value.rcvd.reason
