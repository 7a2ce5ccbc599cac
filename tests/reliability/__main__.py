"""``python -m tests.reliability``: places every call of the matrix, and writes the table.

Takes less than five minutes on a quiet machine: two calls at a time, so that the machine is no part
of what is measured. With ``--only`` it places the calls of some rows again and again, shows how
their gaps are spread, and writes nothing.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from statistics import median

from loguru import logger

from tests.reliability import page
from tests.reliability.matrix import AT_ONCE, BATCHES, call_all, failures
from tests.reliability.measure import Figures, measure
from tests.reliability.rows import ROWS, Row


async def write_table() -> int:
    """Writes the table; how many rows do not hold."""
    results: dict[str, Figures] = {}
    broken = 0
    for rows in BATCHES:
        broken += await _place(rows, results)
    page.write(results)
    print(page.table(results))
    print(f"{len(ROWS)} rows, {broken} of them do not hold; written to {page.PAGE}")
    return broken


async def repeat(rows: Sequence[Row], times: int) -> int:
    """Shows what each row adds to a silence, in so many calls; how many of them do not hold."""
    gaps: dict[str, list[int]] = {row.name: [] for row in rows}
    broken = 0
    for _ in range(times):
        for start in range(0, len(rows), AT_ONCE):
            results: dict[str, Figures] = {}
            broken += await _place(rows[start : start + AT_ONCE], results)
            for name, figures in results.items():
                gaps[name].append(figures.gap_ms)
    for name, found in gaps.items():
        print(f"{name}: median {median(found):g} ms, worst {max(found)} ms: {sorted(found)}")
    return broken


async def _place(rows: Sequence[Row], results: dict[str, Figures]) -> int:
    broken = 0
    for name, evidence in (await call_all(rows)).items():
        figures = results[name] = measure(evidence)
        wrong = failures(evidence, figures)
        broken += bool(wrong)
        print(f"{name}: {figures.gap_ms} ms; the machine was {evidence.late_ms} ms late")
        for each in wrong:
            print(f"  {each}")
        sys.stdout.flush()
    return broken


def main() -> None:
    """Reads the command line; the exit status says whether every row holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--only", help="rows with this in their name; writes no table")
    parser.add_argument("--times", type=int, default=1, help="how often to place those calls")
    chosen = parser.parse_args()
    rows = [row for row in ROWS if chosen.only and chosen.only in row.name]
    if chosen.only and not rows:
        parser.error(f"no row has {chosen.only!r} in its name; see tests/reliability/rows.py")
    logger.remove()
    logging.disable(logging.ERROR)
    work = repeat(rows, chosen.times) if rows else write_table()
    sys.exit(1 if asyncio.run(work) else 0)


if __name__ == "__main__":
    main()
