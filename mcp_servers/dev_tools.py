"""MCP server ``dev_tools``: looks at a code folder, never changes it, and keeps a task list."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_servers.database import open_database, prepare
from mcp_servers.serve import run
from mcp_servers.spoken_server import SpokenServer
from mcp_servers.workspace.answers import Analysis, Code, Found, Outline, TaskAnswer, Tasks
from mcp_servers.workspace.desk import Desk
from mcp_servers.workspace.folder import CodeFolder
from mcp_servers.workspace.slices import LONGEST_S
from mcp_servers.workspace.tasks import Status, TaskList

LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
FINISHES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
MOST_LINES = 80

FilePath = Annotated[
    str,
    Field(
        description="The path of the file in the folder",
        min_length=1,
        max_length=400,
        examples=["bot/run.py"],
    ),
]
Page = Annotated[
    str | None, Field(description="`next_page` of the page before; none for the first one")
]


def build(
    database: str, *, folder: Path | None = None, longest_s: float = LONGEST_S
) -> MCPServer[Any]:
    """The server on a database; see `mcp_servers.database` for its URL.

    Args:
        database: URL of the database that it keeps the tasks in.
        folder: The code: the environment's ``DEV_TOOLS_FOLDER``, or the folder it is started in.
        longest_s: How long a search or a measurement may take; then what there is, is told.

    Raises:
        ValueError: The folder does not exist.
    """
    engine = open_database(database)
    chosen = folder or Path(os.environ.get("DEV_TOOLS_FOLDER") or ".")
    desk = Desk(CodeFolder(chosen), TaskList(engine), longest_s=longest_s)

    @asynccontextmanager
    async def lifespan(_server: MCPServer[Any]) -> AsyncIterator[None]:
        await prepare(engine, "dev_tools", TaskList.prepare)
        try:
            yield
        finally:
            await engine.dispose()

    server = SpokenServer("dev_tools", title="Code and tasks", lifespan=lifespan)

    @server.tool("search-code", title="Search the code", annotations=LOOKS)
    async def search_code(
        text: Annotated[str, Field(description="The word to search for", max_length=200)],
        file_pattern: Annotated[
            str | None, Field(description="Which files, such as *.py", max_length=200)
        ] = None,
        page: Page = None,
        *,
        context: Context[Any, Any],
    ) -> Found:
        """Say where a word stands in the code, line by line."""
        return await desk.search(text, file_pattern, page, context.report_progress)

    @server.tool("read-code", title="Read a file", annotations=LOOKS)
    async def read_code(
        path: FilePath,
        first_line: Annotated[int, Field(description="The first line", ge=1)] = 1,
        lines: Annotated[int, Field(description="How many lines", ge=1, le=MOST_LINES)] = 40,
    ) -> Code:
        """Give some lines of a file of the code."""
        return await desk.read(path, first_line, lines)

    @server.tool("outline-code", title="Outline a Python file", annotations=LOOKS)
    async def outline_code(path: FilePath) -> Outline:
        """List the classes and functions of a Python file."""
        return await desk.outline(path)

    @server.tool("analyse-code", title="Measure the code", annotations=LOOKS)
    async def analyse_code(context: Context[Any, Any]) -> Analysis:
        """Measure the code: how much there is, in which languages, and what is largest."""
        return await desk.analyse(context.report_progress)

    @server.tool("list-tasks", title="Read out the tasks", annotations=LOOKS)
    async def list_tasks(
        status: Annotated[Status, Field(description="Whether open or done ones")] = "open",
        page: Page = None,
    ) -> Tasks:
        """Say which tasks there are, newest first."""
        return await desk.tasks(status, page)

    @server.tool("add-task", title="Note a task", annotations=ADDS)
    async def add_task(
        title: Annotated[str, Field(description="What is to be done", max_length=160)],
        detail: Annotated[str, Field(description="What else is known", max_length=2000)] = "",
    ) -> TaskAnswer:
        """Note a task on the list."""
        return await desk.add_task(title, detail)

    @server.tool("finish-task", title="Mark a task as done", annotations=FINISHES)
    async def finish_task(
        task_number: Annotated[
            int, Field(description="The number of the task", ge=1, le=2**31 - 1)
        ],
    ) -> TaskAnswer:
        """Mark a task as done by its number."""
        return await desk.finish_task(task_number)

    return server


if __name__ == "__main__":
    run(build, __doc__)
