"""Identifiers in the vendor's style: a prefix that names the kind and 21 random characters."""

import random
import string

_ALPHABET = string.ascii_letters + string.digits
_random = random.SystemRandom()
"""Who seeds `random`, as test tools do, must not get the same identifiers again."""


def new_id(prefix: str) -> str:
    """A fresh identifier such as ``item_BOrBPrgrKh2WyKvZXU7f3``."""
    return f"{prefix}_{''.join(_random.choices(_ALPHABET, k=21))}"
