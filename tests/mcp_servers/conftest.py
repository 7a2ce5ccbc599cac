import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
import pytest
from mcp import Client

from mcp_servers import booking, post_booking
from mcp_servers.database import open_database, prepare
from mcp_servers.travel.catalogue import create_and_seed
from mcp_servers.weather import Forecasts

TODAY = date(2026, 11, 21)
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


class Desk:
    """Calls a server's tools in memory, as a client does."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured result of a call that works."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        assert isinstance(result.structured_content, dict)
        return result.structured_content

    async def refusal(self, tool: str, **arguments: Any) -> str:
        """What is said about a call that does not work."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        return result.content[0].text


@asynccontextmanager
async def in_one_task(client: Client) -> AsyncIterator[Client]:
    """Enters and leaves the client in the same task, which pytest's fixtures do not promise."""
    entered: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()

    async def hold() -> None:
        async with client:
            entered.set_result(client)
            await leave.wait()

    holding = asyncio.create_task(hold())
    await asyncio.wait([holding, entered], return_when=asyncio.FIRST_COMPLETED)
    try:
        if holding.done():
            await holding  # raises why the client could not be entered
        yield entered.result()
    finally:
        leave.set()
        await holding


@pytest.fixture(scope="session")
def seeded(tmp_path_factory):
    """A database file as a new server leaves it, made once."""
    path = tmp_path_factory.mktemp("seeded") / "travel.db"

    async def seed() -> None:
        engine = open_database(f"sqlite:///{path}")
        await prepare(engine, "travel", create_and_seed)
        await engine.dispose()

    asyncio.run(seed())
    return path


@pytest.fixture
def database(seeded, tmp_path) -> str:
    shutil.copy(seeded, tmp_path / "travel.db")
    return f"sqlite:///{tmp_path / 'travel.db'}"


@pytest.fixture
def today() -> Callable[[], date]:
    return lambda: TODAY


@pytest.fixture
async def desk(database, today):
    """The booking server, whose forecast service can't be reached."""
    nowhere = Forecasts("http://127.0.0.1:9/", timeout_s=0.2)
    server = booking.build(database, today=today, forecasts=nowhere)
    async with in_one_task(Client(server)) as client:
        yield Desk(client)


@pytest.fixture
async def records(database, today):
    """The post_booking server on the same database."""
    async with in_one_task(Client(post_booking.build(database, today=today))) as client:
        yield Desk(client)


@pytest.fixture
async def postgres():
    """An empty PostgreSQL database of its own; skipped where there is no server, except in CI."""
    try:
        admin = await asyncpg.connect(POSTGRES, timeout=3)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs PostgreSQL at TEST_POSTGRES_URL: {error}")
        pytest.skip(f"no PostgreSQL to test with: {error}")
    name = f"switchboard_test_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{POSTGRES.rpartition('/')[0]}/{name}"
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
