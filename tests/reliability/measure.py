"""From what is left of a call to the figures of its row."""

from collections.abc import Sequence
from dataclasses import dataclass

from emulators.twilio.frames import SAMPLE_RATE
from processors.events.conversation import AgentTranscript, SessionState, UserTranscript
from tests.reliability.call import HOLD_LINE, Evidence
from tests.reliability.caller import Listening
from tests.reliability.words import in_common, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a call was like.

    Attributes:
        lost: Words that were said to no avail. The caller's, that are not in the conversation
            that the model had in the end, or not in the transcripts; the agent's, that were due and
            not heard; and those that a transcript claims and the recording does not have.
        spurious: Words in one of these that nobody said or that were said twice.
        lines: Lines of the transcript with a spurious word.
        gap_ms: The longest silence that the caller heard, before an answer or inside one. What
            the model needs to know that their turn is over does not count, nor a tool's time.
        resume_ms: The longest time without a session; None without a loss.
        is_context_kept: Whether the last question was answered.
    """

    lost: tuple[str, ...]
    spurious: tuple[str, ...]
    lines: int
    gap_ms: int
    resume_ms: int | None
    is_context_kept: bool


def measure(evidence: Evidence) -> Figures:
    """The figures of one call."""
    caller = evidence.caller
    finals = [e for e in evidence.events if isinstance(e, AgentTranscript) and e.final]
    # The line for who waits may be said in the middle of an answer.
    hold = words_of(HOLD_LINE)
    all_heard = caller.ear.words
    heard = [word for word in all_heard if word not in hold]
    held = [word for word in all_heard if word in hold]
    promised = [word for line in finals if line.text == HOLD_LINE for word in hold]
    finals = [line for line in finals if line.text != HOLD_LINE]
    lines = [e.text for e in evidence.events if isinstance(e, UserTranscript) and e.final]
    said = [word for line, _ in caller.said for word in words_of(line)]
    due = _due(caller.listened, all_heard)
    claimed = [word for line in finals for word in words_of(line.text)]
    understood = evidence.conversations[-1] if evidence.conversations else ()
    known = [
        word
        for item in understood
        if item["type"] == "message" and item["role"] == "user"
        for part in item["content"]
        for word in words_of(part.get("text") or part.get("transcript") or "")
    ]
    written = [word for line in lines for word in words_of(line)]
    # The end of a line that was cut is exact to the word.
    slack = sum(line.interrupted for line in finals)
    lost = [
        *_missing(said, known, "the model did not hear {}"),
        *_missing(said, written, "{} is not in the transcript of the caller"),
        *_missing(due, heard, "the caller did not hear {}"),
        *_missing(claimed, heard, "the transcript claims {}")[slack:],
        *_missing(promised, held, "the transcript claims {}"),
    ]
    spurious = [
        *_missing(known, said, "the model heard {}"),
        *_missing(written, said, "the transcript of the caller has {}"),
        *_missing(heard, due, "the caller heard {}"),
        *_missing(heard, claimed, "the transcript of the agent lacks {}")[slack:],
        *_missing(held, promised, "the transcript of the agent lacks {}"),
    ]
    return Figures(
        lost=tuple(lost),
        spurious=tuple(spurious),
        lines=_superfluous([line.text for line in finals], due) + _superfluous(lines, said),
        gap_ms=_gap_ms(evidence),
        resume_ms=_without_session(evidence),
        is_context_kept=bool(caller.listened) and _is_answered(caller.listened[-1], all_heard),
    )


def _due(listened: Sequence[Listening], heard: Sequence[str]) -> list[str]:
    """What the agent had to say. Of a line that was cut short, as much as was heard of it."""
    due: list[str] = []
    for listening in listened:
        line = words_of(listening.step.line)
        if listening.step.until:
            begin = listening.words
            while begin < len(heard) and heard[begin] != line[0]:
                begin += 1
            length = 0
            while line[length : length + 1] == list(heard[begin + length : begin + length + 1]):
                if length == len(line):
                    break
                length += 1
            line = line[:length]
        due += line
    return due


def _missing(words: Sequence[str], others: Sequence[str], told: str) -> list[str]:
    """The words that ``others`` lack, in words for people."""
    lacking = len(words) - in_common(words, others)
    if not lacking:
        return []
    left, missing = list(others), []
    for word in words:
        if word in left:
            left.remove(word)
        else:
            missing.append(word)
    missing += [" ".join(words)] * (lacking - len(missing))
    return [told.format(repr(word)) for word in missing]


def _superfluous(lines: Sequence[str], due: Sequence[str]) -> int:
    """How many lines have a word too many."""
    count, so_far = 0, []
    for line in lines:
        words = words_of(line)
        if in_common([*so_far, *words], due) < len(so_far) + len(words):
            count += 1
        else:
            so_far += words
    return count


def _gap_ms(evidence: Evidence) -> int:
    """The longest silence that neither the model nor a tool needed."""
    own = round(evidence.row.own_s * SAMPLE_RATE)
    gap = 0
    # The greeting apart, which nobody has asked for.
    for listening in evidence.caller.listened[1:]:
        wait, inner = _silences(evidence, listening)
        gap = max(gap, wait - _needed(evidence, listening, wait), inner - own)
    return gap * 1000 // SAMPLE_RATE


def _needed(evidence: Evidence, listening: Listening, wait: int) -> int:
    """What of the silence before an answer the model needed to know that the turn was over.

    Where several heard the turn, it is the one that answers.
    """
    begin, end = listening.since, listening.since + wait
    ends = [turn.silence for turn in evidence.turn_ends if begin <= turn.at <= end]
    return ends[-1] if ends else 0


def _silences(evidence: Evidence, listening: Listening) -> tuple[int, int]:
    """The longest silence before an answer and inside it, in samples."""
    wait = inner = 0
    is_first = listening.after_own
    for start, end in evidence.caller.ear.silences:
        begin, stop = max(start, listening.since), min(end, listening.until)
        if begin >= stop:
            continue
        if is_first:
            wait = stop - begin
        else:
            inner = max(inner, stop - begin)
        is_first = False
    return wait, inner


def _without_session(evidence: Evidence) -> int | None:
    lost, longest = None, None
    for event in evidence.events:
        if not isinstance(event, SessionState):
            continue
        if event.state == "lost":
            lost = event.at
        elif event.state == "ready" and lost:
            longest = max(longest or 0, round((event.at - lost).total_seconds() * 1000))
            lost = None
    return longest


def _is_answered(listening: Listening, heard: Sequence[str]) -> bool:
    line = words_of(listening.step.line)
    return in_common(heard[listening.words :], line) == len(line)
