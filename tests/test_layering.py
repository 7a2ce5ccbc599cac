"""Each room imports only what it may: the layers of docs/architecture.md, held by the imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "agents": set(),
    "mcp_servers": set(),
    "processors": {"agents"},
    "emulators": {"agents"},
    "bot": {"agents", "processors"},
    "bench": {"agents", "processors", "mcp_servers", "emulators", "bot"},
}
ROOMS = {*MAY_IMPORT, "tests", "console"}


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{path} imports relatively"
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_from_the_rooms_below(room):
    modules = sorted((ROOT / room).rglob("*.py"))
    assert modules
    for module in modules:
        beyond = imported(module) & ROOMS - MAY_IMPORT[room] - {room}
        assert not beyond, f"{module.relative_to(ROOT)} imports {', '.join(beyond)}"
