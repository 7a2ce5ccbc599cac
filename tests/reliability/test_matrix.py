"""Every row of the fault matrix, and what has to hold in it."""

import pytest

from tests.reliability.matrix import BATCHES, call_all, failures
from tests.reliability.measure import measure


@pytest.mark.call
@pytest.mark.parametrize("rows", BATCHES, ids=lambda rows: " / ".join(row.name for row in rows))
async def test_the_line_holds(rows, subtests):
    calls = await call_all(rows)
    for row in rows:
        with subtests.test(row.name):
            evidence = calls[row.name]
            wrong = failures(evidence, measure(evidence))
            assert not wrong, "\n".join([*wrong, *evidence.story])
