"""The task list: what is to be done, numbered, kept until it is done and after."""

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mcp_servers.database import writing

metadata = MetaData()
Status = Literal["open", "done"]

tasks = Table(
    "workspace_tasks",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("title", String(160), nullable=False),
    Column("detail", String(2000), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("done_at", DateTime(timezone=True)),
    sqlite_autoincrement=True,
)
"""A number is never given to another task: somebody may have written it down."""


class TaskList:
    """The tasks of one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @staticmethod
    async def prepare(connection: AsyncConnection) -> None:
        """Create the table if it is missing."""
        await connection.run_sync(metadata.create_all)

    async def add(self, title: str, detail: str) -> Row[Any]:
        """A new open task."""
        values = {"title": title, "detail": detail, "created_at": datetime.now(UTC)}
        async with writing(self._engine).begin() as connection:
            added = await connection.execute(insert(tasks).values(values).returning(*tasks.c))
            return added.one()

    async def page(self, status: Status, before: int | None, size: int) -> list[Row[Any]]:
        """Up to ``size`` tasks, newest first, with numbers below ``before``."""
        query = select(tasks).where(
            tasks.c.done_at.is_(None) if status == "open" else tasks.c.done_at.is_not(None)
        )
        if before is not None:
            query = query.where(tasks.c.number < before)
        async with self._engine.connect() as connection:
            found = await connection.execute(query.order_by(tasks.c.number.desc()).limit(size))
            return list(found.all())

    async def finish(self, number: int) -> Row[Any] | None:
        """Marks a task as done, and leaves one that is alone; None when there is no such task."""
        async with writing(self._engine).begin() as connection:
            await connection.execute(
                update(tasks)
                .where(tasks.c.number == number, tasks.c.done_at.is_(None))
                .values(done_at=datetime.now(UTC))
            )
            query = select(tasks).where(tasks.c.number == number)
            return (await connection.execute(query)).first()
