"""Searches and measures code. Everything here blocks: run it in a thread."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from mcp_servers.workspace.folder import CodeFolder, read_text

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


@dataclass(frozen=True, slots=True)
class Measures:
    """A code folder in figures."""

    files: int
    lines: int
    lines_by_language: dict[str, int]
    largest: list[tuple[str, int]]
    longest: list[tuple[str, Definition]]
    unreadable: list[str]


def search(folder: CodeFolder, text: str, pattern: str | None) -> Iterator[Match]:
    """Lines that contain ``text``, capitals or not, in files whose path matches ``pattern``."""
    wanted = text.casefold()
    for path in folder.files():
        name = folder.name(path)
        if pattern and not (fnmatch(name, pattern) or fnmatch(path.name, pattern)):
            continue
        content = read_text(path)
        if content is None or wanted not in content.casefold():
            continue
        for number, line in enumerate(content.splitlines(), 1):
            if wanted in line.casefold():
                yield Match(name, number, line.strip()[:LONG_LINE])


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


def measure(folder: CodeFolder, *, top: int = 5) -> Measures:
    """Counts files and lines by language; finds the largest files and longest Python functions."""
    by_language: Counter[str] = Counter()
    sizes: list[tuple[str, int]] = []
    functions: list[tuple[str, Definition]] = []
    unreadable: list[str] = []
    for path in folder.files():
        language = LANGUAGES.get(path.suffix.lower())
        text = read_text(path) if language else None
        if language is None or text is None:
            continue
        lines = text.count("\n") + (not text.endswith("\n") and bool(text))
        name = folder.name(path)
        by_language[language] += lines
        sizes.append((name, lines))
        if language == "Python":
            functions += _functions(text, name, unreadable)
    return Measures(
        files=len(sizes),
        lines=sum(lines for _, lines in sizes),
        lines_by_language=dict(by_language.most_common()),
        largest=sorted(sizes, key=lambda each: (-each[1], each[0]))[:top],
        longest=sorted(functions, key=lambda each: (-each[1].lines, each[0]))[:top],
        unreadable=unreadable,
    )


def _functions(text: str, name: str, unreadable: list[str]) -> list[tuple[str, Definition]]:
    try:
        found = outline(text)
    except (SyntaxError, ValueError, RecursionError):
        unreadable.append(name)
        return []
    return [(name, each) for each in found if each.kind == "function"]
