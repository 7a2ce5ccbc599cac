"""The table of the documentation has the rows of the matrix."""

from tests.reliability import page
from tests.reliability.measure import Figures
from tests.reliability.rows import ROWS

FIGURES = Figures(lost=(), spurious=(), lines=0, gap_ms=0, resume_ms=None, is_context_kept=True)


def test_the_page_lists_exactly_the_rows_of_the_matrix():
    assert page.listed() == [row.name for row in ROWS]


def test_the_table_is_written_between_its_markers(tmp_path, monkeypatch):
    copy = tmp_path / "reliability.md"
    copy.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    monkeypatch.setattr(page, "PAGE", copy)
    page.write({row.name: FIGURES for row in ROWS})
    text = copy.read_text()
    assert text.startswith(f"before\n{page.BEGIN}\n| fault |")
    assert text.endswith(f"|\n{page.END}\nafter\n")
    assert "old" not in text
    assert page.listed() == [row.name for row in ROWS]
