"""Listens to the recording of a call for the sentences that the caller has to have heard.

Only the turns are listened to in which the transcript has the sentence: an offline ear costs time.
"""

import re
from dataclasses import dataclass

from emulators.hearing import Hearing
from emulators.hearing.grammar import spoken_words
from emulators.twilio.suite.evidence import Evidence
from emulators.twilio.transcripts import Listener

_SLOT = re.compile(r"\{(\w+)\}")
_GUESS = re.compile(r"[\[\]?]")


@dataclass(frozen=True, slots=True)
class Overheard:
    """What became of a sentence.

    Attributes:
        was_said: Whether an agent said it, by the transcript.
        was_heard: Whether the ear understood it, too; its guesses count.
        text: What the ear made of the turns in which it was said.
    """

    was_said: bool
    was_heard: bool
    text: str


async def listen(evidence: Evidence, hearing: Hearing) -> dict[str, Overheard]:
    """Looks for all sentences of the scenario's ``heard``."""
    sentences = evidence.scenario.checks.heard
    listener = Listener(hearing, sentences)
    return {sentence: await _listen(evidence, listener, sentence) for sentence in sentences}


async def _listen(evidence: Evidence, listener: Listener, sentence: str) -> Overheard:
    pattern = re.compile(spoken_pattern(sentence))
    told: list[str] = []
    for line in evidence.story:
        if line.by_caller or not pattern.search(" ".join(spoken_words(line.text))):
            continue
        spans = [span for span in evidence.spans if line.start <= span.start < line.end]
        transcript = await listener.transcribe(evidence.heard, spans)
        told.append(transcript.text)
        if pattern.search(_GUESS.sub("", transcript.text)):
            return Overheard(True, True, " / ".join(told))
    return Overheard(bool(told), False, " / ".join(told))


def spoken_pattern(sentence: str) -> str:
    """A sentence with slots as an expression for words as they are spoken."""
    parts = []
    for index, part in enumerate(_SLOT.split(sentence)):
        if index % 2:
            parts.append(r"[a-z' ]+?")
        elif words := " ".join(spoken_words(part)):
            parts.append(re.escape(words))
    return rf"\b{' ?'.join(parts)}"
