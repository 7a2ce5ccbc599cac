"""Identifiers in the vendor's style: a prefix that names the kind and 21 random characters."""

import random
import string

_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """A fresh identifier such as ``item_BOrBPrgrKh2WyKvZXU7f3``."""
    return f"{prefix}_{''.join(random.choices(_ALPHABET, k=21))}"
