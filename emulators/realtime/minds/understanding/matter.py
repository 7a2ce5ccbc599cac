"""What a call is about, where an agent's instructions say it: what to tell, and what to ask."""

import re
from dataclasses import dataclass

from emulators.realtime.minds.understanding.words import plain

_SECTION = re.compile(r"^#+ (.*)$", re.MULTILINE)
_OF_MATTER = re.compile(r"\bthis call\b|\b(the|your) (task|matter|message)\b", re.IGNORECASE)
_OPENS = re.compile(r"\bopen[^\n\"“]*[\"“]([^\"”\n]+)[\"”]", re.IGNORECASE)
_QUOTED = re.compile(r"\b(?:message|say|tell|mention)\b[^\n\"“]*:\s*[\"“]([^\"”]+)[\"”]", re.I)
_STATEMENT = re.compile(
    r"^(?:the|your|there) .*\b(?:is|are|was|were|will|has|have)\b", re.IGNORECASE
)
_TELL = re.compile(
    r"\b(?:tell|inform|remind|let) (?:the \w+|them|him|her|people)(?: know)? that ([^.;?\n]+)", re.I
)
_ASK = re.compile(
    r"\bask (?:the \w+ |them |him |her )?(?:whether|if) ([^.;?\n]+)|\bfind out (?:whether|if) "
    r"([^.;?\n]+)",
    re.IGNORECASE,
)
_NEXT_ORDER = re.compile(r",? and (?:then )?(?:ask|find out|tell|say|thank|record|end)\b.*", re.I)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Matter:
    """What the person on the line is to hear and to be asked, in the instructions' own words.

    Attributes:
        opening: What is said first; empty when that is left open.
        facts: What to tell: sentences.
        questions: What to ask, besides the answers that a tool takes down.
    """

    opening: str = ""
    facts: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def read_matter(instructions: str) -> Matter:
    """Reads the sections that speak of a matter, and not of how to work.

    Told is what stands in quotes after "message", "say" or "tell"; what follows "tell them that";
    and statements that do not speak to the agent ("The appointment is on Monday."). Asked is what
    follows "ask whether". All else is for the agent alone.
    """
    opened = _OPENS.search(instructions)
    rest = _OPENS.sub(" ", _sections(instructions))
    facts = [_ended(quote) for quote in _QUOTED.findall(rest)]
    rest = _QUOTED.sub(" ", rest)
    facts += [_ended(_without_next(told)) for told in _TELL.findall(rest)]
    questions = [
        f"I would like to know whether {_without_next(one or other).strip()}."
        for one, other in _ASK.findall(rest)
    ]
    for line in rest.splitlines():
        sentences = _SENTENCE.split(line.strip())
        if any(_STATEMENT.match(each) for each in sentences[:1]):
            # What follows a fact in its line belongs to it: "Please bring your card."
            facts += [each for each in sentences if not _speaks_to_agent(each)]
    return Matter(
        opened[1].strip() if opened else "",
        tuple(dict.fromkeys(facts)),
        tuple(dict.fromkeys(questions)),
    )


def _sections(instructions: str) -> str:
    """The sections about this one call; all of the text when it has no sections."""
    first, *rest = _SECTION.split(instructions)
    titled = zip(rest[::2], rest[1::2], strict=True)
    return "\n".join(text for title, text in titled if _OF_MATTER.search(title)) if rest else first


def _speaks_to_agent(sentence: str) -> bool:
    words = plain(sentence).split()
    is_order = bool(words) and words[0] in ("ask", "say", "tell", "find", "record", "if", "today")
    return not words or "you" in words or is_order or sentence.rstrip().endswith(":")


def _without_next(clause: str) -> str:
    return _NEXT_ORDER.sub("", clause)


def _ended(text: str) -> str:
    text = text.strip()
    text = f"{text[:1].upper()}{text[1:]}"
    return text if text.endswith((".", "!", "?")) else f"{text}."
