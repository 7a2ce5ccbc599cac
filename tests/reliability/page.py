"""The table of ``docs/reliability.md``: made from the matrix's results, between two markers."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.reliability.measure import Figures
from tests.reliability.rows import ROWS, Row

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN = "<!-- begin: python -m tests.reliability -->"
END = "<!-- end -->"
HEAD = ("fault", "words lost", "lines too many", "gap, ms", "without session, ms", "context kept")
_TABLE = re.compile(f"(?<={re.escape(BEGIN)}\n).*(?={re.escape(END)})", re.DOTALL)


def table(results: Mapping[str, Figures]) -> str:
    """The table, from figures by the name of their row."""
    rows = [_cells(row, results[row.name]) for row in ROWS]
    lines = [HEAD, ("---",) + ("---:",) * 4 + ("---",), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def write(results: Mapping[str, Figures]) -> None:
    """Puts the table into the page."""
    text = PAGE.read_text("utf-8")
    PAGE.write_text(_TABLE.sub(lambda _: table(results), text), "utf-8")


def listed() -> list[str]:
    """The names of the rows that the page has, in its order."""
    found = _TABLE.search(PAGE.read_text("utf-8"))
    lines = found[0].splitlines()[2:] if found else []
    return [line.split(" | ")[0].removeprefix("| ") for line in lines]


def _cells(row: Row, figures: Figures) -> tuple[str, ...]:
    resume = "–" if figures.resume_ms is None else str(figures.resume_ms)
    if not row.survives:
        return row.name, "–", "–", str(figures.gap_ms), "for good", "an apology is heard"
    return (
        row.name,
        str(len(figures.lost)),
        str(figures.lines),
        str(figures.gap_ms),
        resume,
        "yes" if figures.is_context_kept else "no",
    )
