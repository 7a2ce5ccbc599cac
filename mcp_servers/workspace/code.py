"""Searches and measures code. Everything here blocks: run it in a thread."""

import ast
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from mcp_servers.workspace.folder import CodeFolder, read_text
from mcp_servers.workspace.slices import Steps

LANGUAGES = {
    ".py": "Python",
    ".ts": "TypeScript",
    ".tsx": "TypeScript",
    ".js": "JavaScript",
    ".jsx": "JavaScript",
    ".go": "Go",
    ".rs": "Rust",
    ".java": "Java",
    ".kt": "Kotlin",
    ".c": "C",
    ".h": "C",
    ".cpp": "C++",
    ".cs": "C#",
    ".rb": "Ruby",
    ".php": "PHP",
    ".swift": "Swift",
    ".sh": "Shell",
    ".sql": "SQL",
    ".css": "CSS",
    ".html": "HTML",
    ".md": "Markdown",
    ".yaml": "YAML",
    ".yml": "YAML",
    ".toml": "TOML",
    ".json": "JSON",
}
LONG_LINE = 240
TOP = 5
"""So many of the largest are named."""


@dataclass(frozen=True, slots=True)
class Match:
    """A line that has what was searched for."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A class or function of a Python file; methods are named ``Class.method``."""

    name: str
    kind: str
    line: int
    lines: int


def search(
    folder: CodeFolder, text: str, pattern: str | None, found: list[Match], *, most: int
) -> Steps:
    """Adds lines that contain ``text`` to ``found``, capitals or not, a file at each step.

    Args:
        folder: Where to look.
        text: What to look for.
        pattern: Of the paths to look at, such as ``*.py``; None for all.
        found: Takes the lines.
        most: So many lines are enough.
    """
    wanted = text.casefold()
    for count, path in enumerate(folder.files(), 1):
        yield count, None
        name = folder.name(path)
        if pattern and not (fnmatch(name, pattern) or fnmatch(path.name, pattern)):
            continue
        content = read_text(path)
        if content is None or wanted not in content.casefold():
            continue
        for number, line in enumerate(content.splitlines(), 1):
            if wanted in line.casefold():
                found.append(Match(name, number, line.strip()[:LONG_LINE]))
                if len(found) >= most:
                    return


def outline(source: str) -> list[Definition]:
    """Classes and functions of a Python source, in order; raises ``SyntaxError``."""
    found: list[Definition] = []

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{prefix}{child.name}"
                kind = "class" if isinstance(child, ast.ClassDef) else "function"
                lines = (child.end_lineno or child.lineno) - child.lineno + 1
                found.append(Definition(name, kind, child.lineno, lines))
                if kind == "class":
                    visit(child, f"{name}.")

    visit(ast.parse(source), "")
    return found


class Measures:
    """A code folder in figures, of the files that were looked at so far.

    Attributes:
        seen: How many files were looked at, whatever is in them.
        total: How many there are to look at, once that is known; at most `MAX_FILES`.
        sizes: Each file of code with its lines.
        unreadable: Python files that can't be parsed.
    """

    def __init__(self, folder: CodeFolder) -> None:
        self._folder = folder
        self._by_language: Counter[str] = Counter()
        self._functions: list[tuple[str, Definition]] = []
        self.seen = 0
        self.total: int | None = None
        self.sizes: list[tuple[str, int]] = []
        self.unreadable: list[str] = []

    @property
    def lines(self) -> int:
        """Of all files."""
        return sum(lines for _, lines in self.sizes)

    @property
    def lines_by_language(self) -> dict[str, int]:
        """The language with most lines first."""
        return dict(self._by_language.most_common())

    def largest(self, top: int = TOP) -> list[tuple[str, int]]:
        """The files with most lines."""
        return sorted(self.sizes, key=lambda each: (-each[1], each[0]))[:top]

    def longest(self, top: int = TOP) -> list[tuple[str, Definition]]:
        """The longest Python functions."""
        return sorted(self._functions, key=lambda each: (-each[1].lines, each[0]))[:top]

    def take(self) -> Steps:
        """Counts files and lines by language and finds functions, a file at each step."""
        paths: list[Path] = []
        for path in self._folder.files():
            paths.append(path)
            yield 0, None
        self.total = len(paths)
        for path in paths:
            self._look_at(path)
            self.seen += 1
            yield self.seen, self.total

    def _look_at(self, path: Path) -> None:
        language = LANGUAGES.get(path.suffix.lower())
        text = read_text(path) if language else None
        if language is None or text is None:
            return
        lines = text.count("\n") + (not text.endswith("\n") and bool(text))
        name = self._folder.name(path)
        self._by_language[language] += lines
        self.sizes.append((name, lines))
        if language == "Python":
            self._functions += _functions(text, name, self.unreadable)


def _functions(text: str, name: str, unreadable: list[str]) -> list[tuple[str, Definition]]:
    try:
        found = outline(text)
    except (SyntaxError, ValueError, RecursionError):
        unreadable.append(name)
        return []
    return [(name, each) for each in found if each.kind == "function"]
