"""``python -m tests.reliability``: places every call of the matrix, and writes the table.

Takes four minutes: two calls at a time, so that the machine is no part of what is measured.
"""

import asyncio
import sys

from loguru import logger

from tests.reliability import page
from tests.reliability.matrix import BATCHES, call_all, failures
from tests.reliability.measure import Figures, measure


async def run() -> int:
    """Writes the table; how many rows do not hold."""
    results: dict[str, Figures] = {}
    broken = 0
    for rows in BATCHES:
        for name, evidence in (await call_all(rows)).items():
            results[name] = measure(evidence)
            if wrong := failures(evidence, results[name]):
                broken += 1
                print(f"{name}:", *wrong, sep="\n  ")
    page.write(results)
    print(page.table(results))
    return broken


if __name__ == "__main__":
    logger.remove()
    sys.exit(1 if asyncio.run(run()) else 0)
