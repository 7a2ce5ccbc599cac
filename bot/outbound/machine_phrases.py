"""Tells an answering machine by what it says, for when the carrier's detection does not.

Only phrases that people do not answer the telephone with: a person taken for a machine is hung up
on, which is worse than a machine that is talked to.
"""

import re

_PHRASES = (
    r"(leave|record) (me |us |him |her |them )?(a|your|the) "
    r"(short |brief |detailed )?(voice ?)?message",
    r"leave (me |us )?your name( and|,)",
    r"(after|at|wait for|hear) the (beep|tone)",
    r"you(?:'ve| have) reached the (voice ?mail|mailbox|answering machine)",
    r"(voice ?mail(?: ?box)?|mailbox|answering machine) (of|for|is full)",
    r"forwarded to (an automated )?(voice|messag)",
    r"(person|party|number|subscriber|customer) you (have |are )?(called|dialed|dialled|dialing|"
    r"trying to (reach|call)|calling)",
    r"(can(?:not|'t| not)|unable to) (come to|answer|take) (the|your|my) (phone|telephone|call)",
    r"(press|dial) (\w+|#) (to|for) (leave|record|listen|re-?record)",
    r"when you(?:'ve| have| are)? (finished|done) recording",
)
_MACHINE = re.compile("|".join(f"(?:{phrase})" for phrase in _PHRASES))


def is_machine(text: str) -> bool:
    """Whether only a machine would answer a call with ``text``."""
    return bool(_MACHINE.search(_plain(text)))


def _plain(text: str) -> str:
    words = re.sub(r"[^a-z0-9#' -]", " ", text.lower().replace("’", "'"))
    return " ".join(words.split())
