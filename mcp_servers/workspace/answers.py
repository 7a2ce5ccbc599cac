"""What the dev_tools server answers: values for a program and a summary for a voice."""

from typing import Literal

from pydantic import BaseModel, Field


class Answer(BaseModel):
    """What every answer has."""

    summary: str = Field(description="The answer as it can be read out to the caller")


class FoundLine(BaseModel):
    """A line of code that was found."""

    path: str
    line: int
    text: str


class Found(Answer):
    """A page of lines that contain the text, by path."""

    matches: list[FoundLine]
    is_complete: bool = Field(description="False where the folder is too large for all of it")
    next_page: str | None = Field(description="Ask with it for more; none are left if null")


class Code(Answer):
    """Some lines of a file."""

    path: str
    first_line: int
    lines: list[str]
    total_lines: int


class OutlineEntry(BaseModel):
    """A class or function."""

    name: str
    kind: Literal["class", "function"]
    line: int
    lines: int = Field(description="How long it is")


class Outline(Answer):
    """What a Python file defines."""

    path: str
    definitions: list[OutlineEntry]


class LargeFile(BaseModel):
    """A file and its length."""

    path: str
    lines: int


class LongFunction(BaseModel):
    """A function and its length."""

    path: str
    name: str
    line: int
    lines: int


class Analysis(Answer):
    """A code folder in figures."""

    files: int
    lines: int
    lines_by_language: dict[str, int]
    largest_files: list[LargeFile]
    longest_functions: list[LongFunction]
    unreadable: list[str] = Field(description="Python files that can't be parsed")
    is_complete: bool = Field(description="False where the folder is too large for all of it")


class Task(BaseModel):
    """A task of the list."""

    number: int
    title: str
    detail: str
    status: Literal["open", "done"]


class TaskAnswer(Answer):
    """One task."""

    task: Task


class Tasks(Answer):
    """A page of tasks, newest first."""

    tasks: list[Task]
    next_page: str | None = Field(description="Ask with it for older ones; none are left if null")
