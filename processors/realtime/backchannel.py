"""Tells sounds by which a listener follows from words by which they take the floor."""

import re

_SOUNDS = r"u+h+|u+m+|h*m+|m+h+m+|a+h+|o+h+|e+r+m*|h+u+h+|a+h+a+|u+h+u+h+"
"""Vocalisations, much the same in many languages: uh, um, hmm, mhm, ah, oh, huh, aha, uhuh."""

_WORDS = r"ok|okay|right|yeah|yep|alright|all right|i see|got it"
"""Words of attention. "Yes", "no" and "sure" are not among them: they answer, or object."""

_ONE = rf"(?:{_SOUNDS}|{_WORDS})"
_BACKCHANNEL = re.compile(rf"\W*{_ONE}(?:\W+{_ONE})*\W*")


def is_backchannel(text: str) -> bool:
    """Whether ``text`` says only "I am listening", such as "uh-huh", "mm" or "okay, I see"."""
    return _BACKCHANNEL.fullmatch(text.casefold()) is not None
