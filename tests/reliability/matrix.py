"""Places the calls of the matrix, several at a time, and judges them."""

from collections.abc import Sequence

from tests.reliability.call import Evidence, Placing, place_all
from tests.reliability.measure import Figures
from tests.reliability.rows import ROWS, Row

AT_ONCE = 2
"""Calls at the same time in one process, so that the machine is no part of what is measured."""

BATCHES = tuple(ROWS[start : start + AT_ONCE] for start in range(0, len(ROWS), AT_ONCE))


async def call_all(rows: Sequence[Row], *, waits: bool = False) -> dict[str, Evidence]:
    """The calls of some rows at the same time; evidence by the row's name. See `place_all`."""
    calls = await place_all([Placing(row) for row in rows], waits=waits)
    return {evidence.row.name: evidence for evidence in calls}


def failures(evidence: Evidence, figures: Figures, *, slack_ms: int = 0) -> list[str]:
    """What does not hold in a call, in words for people.

    Silences may be longer by ``slack_ms``, and by as much as the machine was late itself.
    """
    row = evidence.row
    slack_ms += evidence.late_ms
    gap_ms, resume_ms = row.gap_ms + slack_ms, (row.resume_ms or 0) + slack_ms
    happened = {event.model_dump()["type"] for event in evidence.events}
    wrong = [f"there was no {kind}" for kind in row.expects if kind not in happened]
    if not row.survives:
        caller = evidence.caller
        after = [span for span in caller.ear.spans if span.start >= (caller.struck_at or 0)]
        if sum(span.end - span.start for span in after) < 8000:
            wrong.append("the caller was left in silence")
        return wrong
    wrong += [*figures.lost, *figures.spurious]
    if figures.lines:
        wrong.append(f"{figures.lines} lines too many")
    if not figures.is_context_kept:
        wrong.append("the agent did not answer what the caller asked last")
    if figures.gap_ms > gap_ms:
        wrong.append(f"the caller waited {figures.gap_ms} ms longer, {gap_ms} at most")
    may_differ = row.resume_ms is not None and not row.loses_surely
    if (figures.resume_ms is None) != (row.resume_ms is None) and not may_differ:
        wrong.append(f"without a session: {figures.resume_ms} ms instead of {row.resume_ms}")
    if figures.resume_ms and row.resume_ms and figures.resume_ms > resume_ms:
        wrong.append(f"no session for {figures.resume_ms} ms, {resume_ms} at most")
    if evidence.live.call.notes:
        wrong.append(f"the carrier notes {evidence.live.call.notes}")
    return wrong
