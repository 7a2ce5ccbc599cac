"""A code folder that is looked at and never left or changed, and a list of tasks."""

from pathlib import Path

import pytest
from mcp import Client

from mcp_servers import dev_tools
from mcp_servers.workspace import desk as workspace_desk
from mcp_servers.workspace import folder, slices
from tests.mcp_servers.conftest import Desk, in_one_task

MAIN = '''"""A program."""


class Greeter:
    def greet(self, name):
        def inner():
            return name

        return f"Hello, {inner()}"


async def main():
    print(Greeter().greet("world"))
'''


@pytest.fixture
def code(tmp_path) -> Path:
    folder = tmp_path / "code"
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "main.py").write_text(MAIN)
    (folder / "app" / "broken.py").write_text("def broken(:\n")
    (folder / "notes.md").write_text("# Notes\nHELLO again\n")
    (folder / "picture.png").write_bytes(b"\x89PNG\0\0hello")
    for hidden in (".git", "node_modules"):
        (folder / hidden).mkdir()
        (folder / hidden / "x.py").write_text("hello = 1\n")
    (tmp_path / "secret.txt").write_text("hello, a secret\n")
    (folder / "way_out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "way_up").symlink_to(tmp_path)
    return folder


@pytest.fixture
async def desk(tmp_path, code):
    server = dev_tools.build(f"sqlite:///{tmp_path / 'tasks.db'}", folder=code)
    async with in_one_task(Client(server)) as client:
        yield Desk(client)


async def test_a_word_is_found_with_and_without_capitals(desk):
    found = await desk.ask("search-code", text="hello")
    assert [(match["path"], match["line"]) for match in found["matches"]] == [
        ("notes.md", 2),
        ("app/main.py", 9),
    ], "neither hidden files nor dependencies, pictures or what links lead to"
    assert found["summary"] == (
        "I found hello on two lines, first in notes.md, then in app/main.py."
    )
    only = await desk.ask("search-code", text="hello", file_pattern="*.py")
    assert [match["path"] for match in only["matches"]] == ["app/main.py"]
    assert (await desk.ask("search-code", text="[a-z]"))["matches"] == [], "it is no expression"


async def test_many_lines_come_in_pages(desk, code):
    (code / "many.txt").write_text("needle\n" * 45)
    lines, page = [], None
    while True:
        found = await desk.ask("search-code", text="needle", page=page)
        lines += [match["line"] for match in found["matches"]]
        page = found["next_page"]
        if page is None:
            break
    assert lines == list(range(1, 46))
    assert "page" in await desk.refusal("search-code", text="needle", page="-1")


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "/etc/passwd", "way_out.txt", "way_up/secret.txt", ".git/x.py", "app", "no"],
)
async def test_there_is_no_way_out_of_the_folder(desk, path):
    assert f"can't find {path}" in await desk.refusal("read-code", path=path)
    assert "can't find" in await desk.refusal("outline-code", path=path)


async def test_a_path_with_a_null_byte_is_not_found(desk):
    assert "can't find" in await desk.refusal("read-code", path="app/\0main.py")


async def test_some_lines_of_a_file_are_read(desk):
    read = await desk.ask("read-code", path="app/main.py", first_line=4, lines=2)
    assert read["lines"] == ["class Greeter:", "    def greet(self, name):"]
    assert read["total_lines"] == 13
    assert "only thirteen lines" in await desk.refusal(
        "read-code", path="app/main.py", first_line=14
    )


async def test_a_file_is_outlined(desk):
    outline = await desk.ask("outline-code", path="app/main.py")
    assert [(each["name"], each["line"], each["lines"]) for each in outline["definitions"]] == [
        ("Greeter", 4, 6),
        ("Greeter.greet", 5, 5),
        ("main", 12, 2),
    ]
    assert outline["summary"] == "app/main.py defines one class and two functions."
    assert "not Python" in await desk.refusal("outline-code", path="app/broken.py")


async def test_the_folder_is_measured(desk):
    figures = await desk.ask("analyse-code")
    assert (figures["files"], figures["lines"]) == (3, 16)
    assert figures["lines_by_language"] == {"Python": 14, "Markdown": 2}
    assert figures["longest_functions"][0]["name"] == "Greeter.greet"
    assert figures["unreadable"] == ["app/broken.py"]


async def test_who_measures_for_long_says_how_far_it_is(desk, code, monkeypatch):
    monkeypatch.setattr(slices, "SLICE_S", 0)
    told = []

    async def progressed(done: float, total: float | None, _message: str | None) -> None:
        told.append((done, total))

    result = await desk.client.call_tool("analyse-code", {}, progress_callback=progressed)
    assert result.structured_content["is_complete"]
    shares = [done / total for done, total in told if total]
    assert shares
    assert shares == sorted(shares)
    assert shares[-1] == 1


async def test_a_folder_that_is_too_large_is_told_as_far_as_it_was_seen(
    tmp_path, code, monkeypatch
):
    server = dev_tools.build(f"sqlite:///{tmp_path / 'tasks.db'}", folder=code, longest_s=0)
    async with in_one_task(Client(server)) as client:
        hurried = Desk(client)
        found = await hurried.ask("search-code", text="hello")
        assert not found["is_complete"]
        assert "too large for me to look at all of it" in found["summary"]
        assert "too large" in await hurried.refusal("analyse-code"), "nothing was counted"
    monkeypatch.setattr(folder, "MAX_FILES", 2)
    monkeypatch.setattr(workspace_desk, "MAX_FILES", 2)
    async with in_one_task(Client(dev_tools.build("sqlite://", folder=code))) as client:
        figures = await Desk(client).ask("analyse-code")
    assert not figures["is_complete"]
    assert figures["summary"].startswith("So far I counted")


async def test_looking_changes_nothing(desk, code):
    before = {path: path.stat().st_mtime_ns for path in code.rglob("*") if not path.is_symlink()}
    for tool, arguments in {
        "search-code": {"text": "hello"},
        "read-code": {"path": "notes.md"},
        "outline-code": {"path": "app/main.py"},
        "analyse-code": {},
    }.items():
        await desk.ask(tool, **arguments)
    after = {path: path.stat().st_mtime_ns for path in code.rglob("*") if not path.is_symlink()}
    assert after == before


@pytest.fixture(params=["sqlite", "postgres"])
def any_database(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'list.db'}"
    return request.getfixturevalue("postgres")


async def test_tasks_are_noted_read_out_and_finished(any_database, code):
    async with Client(dev_tools.build(any_database, folder=code)) as client:
        desk = Desk(client)
        assert (await desk.ask("list-tasks"))["summary"] == "There is no open task."
        for number in range(1, 8):
            noted = await desk.ask("add-task", title=f"  write   test {number} ")
        assert noted["task"]["title"] == "write test 7"
        finished = await desk.ask("finish-task", task_number=6)
        assert finished["summary"] == "Task six is done: write test 6."
        assert await desk.ask("finish-task", task_number=6) == finished, "a second time is no harm"
        first = await desk.ask("list-tasks")
        rest = await desk.ask("list-tasks", page=first["next_page"])
        assert [task["number"] for task in first["tasks"] + rest["tasks"]] == [7, 5, 4, 3, 2, 1]
        done = await desk.ask("list-tasks", status="done")
        assert [task["number"] for task in done["tasks"]] == [6]
        assert "no task ninety-nine" in await desk.refusal("finish-task", task_number=99)
        assert "title" in await desk.refusal("add-task", title="  ")


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(ValueError, match="nowhere is not a folder"):
        dev_tools.build("sqlite://", folder=tmp_path / "nowhere")
