"""The database of the records: a SQLite file of their own, or PostgreSQL by ``DATABASE_URL``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, URL, Connection, DateTime, Dialect, event, make_url
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator

from bot.settings import Settings

FILE_NAME = "records.db"
SQLITE_BUSY_S = 10.0
CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 30.0
"""A connection whose other end is silently gone is given up after this long."""

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg"}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its time zone, in a database that keeps zones and in one that doesn't."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC; without the zone for SQLite, which sorts moments as text."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC, with the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JSON_DOCUMENT = JSON().with_variant(JSONB(), "postgresql")


def records_url(settings: Settings) -> URL:
    """Where the records are, with an asynchronous driver.

    ``DATABASE_URL`` when it is set, which the tool servers then share (their tables have other
    names); a file in the data directory otherwise.
    """
    if settings.database_url is None:
        file = Path(settings.data_dir) / FILE_NAME
        return URL.create("sqlite+aiosqlite", database=str(file))
    url = make_url(settings.database_url)
    kind = "sqlite" if url.drivername.startswith("sqlite") else "postgres"
    url = url.set(drivername=_DRIVERS[kind])
    if "sslmode" in url.query:
        # libpq's name for it; asyncpg takes the same values as `ssl`.
        query: dict[str, Any] = dict(url.query)
        query["ssl"] = query.pop("sslmode")
        url = url.set(query=query)
    return url


def open_database(url: URL, *, pool_size: int) -> AsyncEngine:
    """An engine, not connected yet; makes the folder of a SQLite file.

    On SQLite a transaction takes the write lock when it begins if its connection has the
    execution option ``write=True``; readers never wait.

    What callers said is not repeated in its errors.

    Args:
        url: As `records_url` makes it.
        pool_size: Connections that are kept, and the most that there are.
    """
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=CONNECT_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args={"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S},
        )
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": SQLITE_BUSY_S})
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def writing(engine: AsyncEngine) -> AsyncEngine:
    """``engine`` for transactions that write."""
    return engine.execution_options(write=True)


def _configure_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead log, so that readers read while one writes; `_begin_sqlite` begins."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Takes the write lock up front: a lock that is upgraded later fails instead of waiting."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
