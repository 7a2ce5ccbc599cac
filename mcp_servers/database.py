"""One database for all tool servers: SQLite by default, PostgreSQL by ``DATABASE_URL``."""

import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DEFAULT_URL = "sqlite+aiosqlite:///data/switchboard.db"

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_SQLITE_BUSY_S = 30.0
"""Seeding takes seconds on a slow machine, and another server waits for it."""


def database_url(value: str) -> URL:
    """``value`` with an asynchronous driver, from the plain forms that hosts hand out too.

    Raises:
        ValueError: It is not a URL of SQLite or PostgreSQL. The message holds no password.
    """
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError(
            "DATABASE_URL is not a database URL; "
            f"write it like {DEFAULT_URL} or postgresql://user:password@host/database"
        ) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise ValueError(f"DATABASE_URL names {url.drivername!r}; use sqlite or postgresql")
    url = url.set(drivername=driver)
    if "sslmode" in url.query and driver.startswith("postgresql"):
        # libpq's name for it; asyncpg takes the same values as `ssl`.
        query: dict[str, Any] = dict(url.query)
        query["ssl"] = query.pop("sslmode")
        url = url.set(query=query)
    return url


def open_database(value: str) -> AsyncEngine:
    """An engine for ``value``; creates the folder of a SQLite file that does not exist yet.

    Transactions on SQLite take the write lock when they begin if the connection has the
    execution option ``write=True``; a reader never waits. Raises ``ValueError`` as `database_url`.
    """
    url = database_url(value)
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": _SQLITE_BUSY_S})
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def writing(engine: AsyncEngine) -> AsyncEngine:
    """``engine`` for transactions that write."""
    return engine.execution_options(write=True)


async def prepare(
    engine: AsyncEngine, name: str, setup: Callable[[AsyncConnection], Awaitable[None]]
) -> None:
    """Run ``setup`` in one transaction while no other process runs the set-up called ``name``.

    Servers on one database start at the same time: without the lock both would create and seed.
    """
    async with writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": zlib.crc32(name.encode())}
            )
        await setup(connection)


def _configure_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead log, so that servers read while one writes; `_begin_sqlite` begins."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock up front: a lock that is upgraded later fails instead of waiting."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
