"""Words as a caller compares them, and how two accounts of what was said differ."""

import re
from collections.abc import Sequence


def words_of(text: str) -> list[str]:
    """Lower case, without punctuation."""
    return re.findall(r"[a-z0-9']+", text.lower())


def in_common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both have, in the same order."""
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for index, candidate in enumerate(other):
            above = row[index + 1]
            row[index + 1] = diagonal + 1 if word == candidate else max(above, row[index])
            diagonal = above
    return row[-1]
