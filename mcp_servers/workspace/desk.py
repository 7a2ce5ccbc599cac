"""Answers questions about the code folder and keeps the task list, in words and rows."""

import asyncio
from typing import Any, Literal

from mcp.server.mcpserver.exceptions import ToolError
from sqlalchemy import Row

from mcp_servers import wording
from mcp_servers.workspace import code
from mcp_servers.workspace.answers import (
    Analysis,
    Code,
    Found,
    FoundLine,
    LargeFile,
    LongFunction,
    Outline,
    OutlineEntry,
    Task,
    TaskAnswer,
    Tasks,
)
from mcp_servers.workspace.folder import MAX_FILES, CodeFolder, OutsideError
from mcp_servers.workspace.slices import LONGEST_S, Report, in_slices
from mcp_servers.workspace.tasks import Status, TaskList

PAGE = 20
TASKS = 5
_SAID = 3
_UNFINISHED = "The folder is too large for me to look at all of it."


class Desk:
    """Every method raises `ToolError` with a sentence for the caller when it can't be done."""

    def __init__(
        self, folder: CodeFolder, tasks: TaskList, *, longest_s: float = LONGEST_S
    ) -> None:
        """Looks at a folder and keeps tasks.

        Args:
            folder: The code.
            tasks: The list.
            longest_s: How long a search or a measurement may take; then what there is, is told.
        """
        self._folder = folder
        self._tasks = tasks
        self._longest_s = longest_s

    async def search(
        self, text: str, pattern: str | None, page: str | None, report: Report
    ) -> Found:
        """A page of lines that contain a text; ``report`` hears how many files were looked at."""
        if not text.strip():
            raise ToolError("I need a word to search for. Which one is it?")
        first = _number(page) if page is not None else 0
        matches: list[code.Match] = []
        most = first + PAGE + 1
        steps = code.search(self._folder, text.strip(), pattern, matches, most=most)
        is_complete = await in_slices(steps, report, longest_s=self._longest_s)
        shown = matches[first : first + PAGE]
        more = len(matches) == most
        said = _where(text, shown, is_more=more)
        if not is_complete:
            said += f" {_UNFINISHED}"
        return Found(
            matches=[FoundLine(path=m.path, line=m.line, text=m.text) for m in shown],
            next_page=str(first + PAGE) if more else None,
            is_complete=is_complete,
            summary=said,
        )

    async def read(self, path: str, first_line: int, count: int) -> Code:
        """Some lines of a file."""
        lines = (await self._text(path)).splitlines()
        if first_line > max(len(lines), 1):
            raise ToolError(f"{path} has only {wording.count(len(lines), 'line')}.")
        shown = lines[first_line - 1 : first_line - 1 + count]
        return Code(
            path=path,
            first_line=first_line,
            lines=shown,
            total_lines=len(lines),
            summary=f"That is {wording.count(len(shown), 'line')} of {len(lines)} in {path}.",
        )

    async def outline(self, path: str) -> Outline:
        """Classes and functions of a Python file."""
        source = await self._text(path)
        try:
            found = code.outline(source)
        except (SyntaxError, ValueError, RecursionError):
            raise ToolError(f"{path} is not Python that I can read.") from None
        classes = sum(each.kind == "class" for each in found)
        return Outline(
            path=path,
            definitions=[
                OutlineEntry(
                    name=each.name,
                    kind="class" if each.kind == "class" else "function",
                    line=each.line,
                    lines=each.lines,
                )
                for each in found
            ],
            summary=f"{path} defines {_plural(classes, 'class', 'classes')} and "
            f"{_plural(len(found) - classes, 'function', 'functions')}.",
        )

    async def analyse(self, report: Report) -> Analysis:
        """The whole folder in figures, or what could be looked at in the time that there is."""
        figures = code.Measures(self._folder)
        is_done = await in_slices(figures.take(), report, longest_s=self._longest_s)
        if not figures.sizes:
            if is_done:
                raise ToolError("There is no code in the folder.")
            raise ToolError(f"I found no code yet. {_UNFINISHED}")
        is_complete = is_done and figures.seen < MAX_FILES
        language, largest = next(iter(figures.lines_by_language)), figures.largest()
        files, lines = wording.count(len(figures.sizes), "file"), figures.lines
        there_are = "There are" if is_complete else "So far I counted"
        said = (
            f"{there_are} {files} with {wording.count(lines, 'line')}, most of it {language}. "
            f"The largest is {largest[0][0]}."
        )
        return Analysis(
            files=len(figures.sizes),
            lines=lines,
            lines_by_language=figures.lines_by_language,
            largest_files=[LargeFile(path=path, lines=lines) for path, lines in largest],
            longest_functions=[
                LongFunction(path=path, name=each.name, line=each.line, lines=each.lines)
                for path, each in figures.longest()
            ],
            unreadable=figures.unreadable,
            is_complete=is_complete,
            summary=said if is_complete else f"{said} {_UNFINISHED}",
        )

    async def tasks(self, status: Status, page: str | None) -> Tasks:
        """A page of tasks."""
        rows = await self._tasks.page(status, None if page is None else _number(page), TASKS + 1)
        shown = [_task(row) for row in rows[:TASKS]]
        more = len(rows) > TASKS
        if not shown:
            said = f"There is no {status} task."
        else:
            told = [f"{task.number}, {task.title}" for task in shown[:_SAID]]
            said = f"{status.capitalize()} tasks: {'; '.join(told)}."
            if more or len(shown) > _SAID:
                said += " There are more."
        return Tasks(tasks=shown, next_page=str(shown[-1].number) if more else None, summary=said)

    async def add_task(self, title: str, detail: str) -> TaskAnswer:
        """A new task."""
        title = " ".join(title.split())
        if not title:
            raise ToolError("I need a title for the task. What is it?")
        task = _task(await self._tasks.add(title, detail.strip()))
        return TaskAnswer(task=task, summary=f"I noted it as task {wording.number(task.number)}.")

    async def finish_task(self, number: int) -> TaskAnswer:
        """Marks a task as done."""
        row = await self._tasks.finish(number)
        if row is None:
            raise ToolError(f"There is no task {wording.number(number)}. Which one is it?")
        task = _task(row)
        return TaskAnswer(
            task=task, summary=f"Task {wording.number(number)} is done: {task.title}."
        )

    async def _text(self, path: str) -> str:
        try:
            return await asyncio.to_thread(self._folder.text, path)
        except (OutsideError, OSError, ValueError):
            raise ToolError(f"I can't find {path} in the code folder.") from None


def _task(row: Row[Any]) -> Task:
    status: Literal["open", "done"] = "done" if row.done_at else "open"
    return Task(number=row.number, title=row.title, detail=row.detail, status=status)


def _number(page: str) -> int:
    if page.isascii() and page.isdigit() and len(page) < 10:
        return int(page)
    raise ToolError("I can't find that page. Let me begin with the first one.")


def _plural(count: int, one: str, many: str) -> str:
    return f"{wording.number(count) if count else 'no'} {one if count == 1 else many}"


def _where(text: str, shown: list[code.Match], *, is_more: bool) -> str:
    if not shown:
        return f"I found no {text} in the code."
    paths = list(dict.fromkeys(match.path for match in shown))
    count = f"more than {wording.number(len(shown))}" if is_more else wording.number(len(shown))
    files = f"in {paths[0]}" if len(paths) == 1 else f"first in {paths[0]}, then in {paths[1]}"
    return f"I found {text} on {count} {'line' if len(shown) == 1 else 'lines'}, {files}."
