"""A server whose tools ask, or take long; alone it speaks over stdio."""

import asyncio
from typing import Annotated

from mcp.server.mcpserver import Context, Elicit, MCPServer, Resolve
from pydantic import BaseModel


class Guests(BaseModel):
    guests: int


def restaurant():
    server = MCPServer("restaurant")

    async def ask(city: str) -> Elicit[Guests]:
        return Elicit(f"How many guests in {city}?", Guests)

    @server.tool()
    async def book(city: str, party: Annotated[Guests, Resolve(ask)]) -> str:
        return f"a table for {party.guests} in {city}"

    @server.tool()
    async def cook(ctx: Context) -> str:
        for step in range(8):
            await ctx.report_progress(step, 8, "stirring")
            await asyncio.sleep(0.05)
        return "done"

    return server


if __name__ == "__main__":
    restaurant().run("stdio")
