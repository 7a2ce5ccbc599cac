"""Brings the tables of the records up to date when the service starts."""

import threading
import zlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.records.database import writing

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "call_records_version"
"""Not Alembic's usual name: the database may be another application's as well."""

LOCK = zlib.crc32(VERSION_TABLE.encode())

_one_at_a_time = threading.Lock()
"""Alembic's context is global to the process."""


async def migrate(engine: AsyncEngine) -> None:
    """Applies the migrations that are missing, in one transaction.

    Instances that start at the same time wait for each other: by an advisory lock on PostgreSQL,
    by the write lock of the file on SQLite.
    """
    async with writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, "head")
