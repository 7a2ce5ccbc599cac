"""MCP server ``finance``: portfolio, transactions and budgets, on imported CSV files."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_servers.database import open_database, prepare
from mcp_servers.money.answers import Budget, Imported, Portfolio, Spending, Transactions
from mcp_servers.money.books import Books
from mcp_servers.money.categories import Category
from mcp_servers.serve import run
from mcp_servers.spoken_server import SpokenServer

SAMPLE = Path(__file__).parent / "money" / "sample"
LOOKS_UP = ToolAnnotations(read_only_hint=True, open_world_hint=False)
SETS = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)
ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def build(
    database: str, *, folder: Path | None = None, today: Callable[[], date] = date.today
) -> MCPServer[Any]:
    """The server on a database; see `mcp_servers.database` for its URL.

    Args:
        database: URL of the database that it keeps its books in.
        folder: Where the CSV files are: the environment's ``FINANCE_CSV_FOLDER``, or a sample.
        today: The current date.
    """
    engine = open_database(database)
    chosen = folder or Path(os.environ.get("FINANCE_CSV_FOLDER") or SAMPLE)
    books = Books(engine, chosen, today)

    @asynccontextmanager
    async def lifespan(_server: MCPServer[Any]) -> AsyncIterator[None]:
        await prepare(engine, "finance", books.prepare)
        try:
            yield
        finally:
            await engine.dispose()

    server = SpokenServer("finance", title="Household finance", lifespan=lifespan)

    @server.tool("get-portfolio", title="Tell the portfolio", annotations=LOOKS_UP)
    async def get_portfolio() -> Portfolio:
        """Say what the portfolio holds and what it is worth."""
        return await books.portfolio()

    @server.tool("list-transactions", title="Read out transactions", annotations=LOOKS_UP)
    async def list_transactions(
        category: Annotated[Category | None, Field(description="The category")] = None,
        since: Annotated[date | None, Field(description="The first day")] = None,
        until: Annotated[date | None, Field(description="The last day")] = None,
        page: Annotated[
            str | None, Field(description="`next_page` of the page before; none for the newest")
        ] = None,
    ) -> Transactions:
        """Say what was spent and received, newest first, a few entries at a time."""
        return await books.transactions(category, since, until, page)

    @server.tool("get-spending", title="Tell a month's spending", annotations=LOOKS_UP)
    async def get_spending(
        month: Annotated[
            str | None,
            Field(
                description="The month, YYYY-MM; this one if none is given",
                pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$",
            ),
        ] = None,
    ) -> Spending:
        """Say what a month's money went to, by category, and what is left of the budgets."""
        return await books.spending(month)

    @server.tool("set-budget", title="Set a budget", annotations=SETS)
    async def set_budget(
        category: Annotated[Category, Field(description="The category")],
        dollars: Annotated[int, Field(description="The budget for a month", ge=0, le=1_000_000)],
    ) -> Budget:
        """Set a budget: what may be spent on a category in a month, instead of what it was."""
        return await books.set_budget(category, dollars)

    @server.tool("import-statements", title="Read new statements", annotations=ADDS)
    async def import_statements() -> Imported:
        """Read the statements that are new in the folder; what was read before stays as it is."""
        return await books.import_folder()

    return server


if __name__ == "__main__":
    run(build, __doc__)
