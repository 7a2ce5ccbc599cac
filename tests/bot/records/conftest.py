"""Both databases, and events to put into them."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.records.database import open_database, records_url
from bot.records.migrate import migrate
from bot.settings import Settings

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


async def administer(*statements: str, url: str = POSTGRES) -> None:
    connection = await asyncpg.connect(url, timeout=3)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def postgres_of_module() -> Iterator[str]:
    """A PostgreSQL database for one module; skipped where there is no server, except in CI."""
    name = f"switchboard_records_{uuid.uuid4().hex[:12]}"
    try:
        asyncio.run(administer(f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs PostgreSQL at TEST_POSTGRES_URL: {error}")
        pytest.skip(f"no PostgreSQL to test with: {error}")
    yield f"{POSTGRES.rpartition('/')[0]}/{name}"
    asyncio.run(administer(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def postgres(postgres_of_module) -> str:
    """An empty PostgreSQL database."""
    statements = ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    await administer(*statements, url=postgres_of_module)
    return postgres_of_module


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shared.db'}"
    return request.getfixturevalue("postgres")


@pytest.fixture
def settings(database_url, tmp_path) -> Settings:
    return Settings(_env_file=None, database_url=database_url, data_dir=tmp_path)


@pytest.fixture
async def opened() -> AsyncIterator[Callable[[Settings], AsyncEngine]]:
    """Opens databases, and closes them afterwards."""
    engines: list[AsyncEngine] = []

    def open_one(settings: Settings) -> AsyncEngine:
        engines.append(open_database(records_url(settings), pool_size=5))
        return engines[-1]

    yield open_one
    for engine in engines:
        await engine.dispose()


@pytest.fixture
async def database(settings, opened) -> AsyncEngine:
    """A database with the tables of the records."""
    engine = opened(settings)
    await migrate(engine)
    return engine
