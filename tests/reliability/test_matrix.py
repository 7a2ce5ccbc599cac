"""Every row of the fault matrix, and what has to hold in it."""

import pytest

from tests.reliability.matrix import BATCHES, call_all, failures
from tests.reliability.measure import measure

TIMEOUT_S = 600
"""No call takes half a minute but on a machine that has no time for it."""

SLACK_MS = 5000
"""How much longer than on a quiet machine a silence may be. A call whose line is not found to be
dead, or whose answer is not asked for again, costs more; `python -m tests.reliability` judges by
the bounds themselves."""


@pytest.mark.call
@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("rows", BATCHES, ids=lambda rows: " / ".join(row.name for row in rows))
async def test_the_line_holds(rows, subtests, record_property):
    calls = await call_all(rows, waits=True)
    for row in rows:
        with subtests.test(row.name):
            evidence = calls[row.name]
            figures = measure(evidence)
            record_property(f"ms more than the model took: {row.name}", figures.gap_ms)
            wrong = failures(evidence, figures, slack_ms=SLACK_MS)
            assert not wrong, "\n".join([*wrong, *evidence.story])
