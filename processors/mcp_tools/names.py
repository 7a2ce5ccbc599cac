"""Names of MCP tools, made legal and unique for the Realtime API."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

LONGEST = 64
_ILLEGAL = re.compile(r"[^A-Za-z0-9_-]")
_OURS = re.compile(r"transfer_to_.+|.+_expert|end_call|answer_question|collect_digits|send_digits")


def function_names(tools: Sequence[tuple[str, str]]) -> list[str]:
    """A function name for each ``(server, tool)``, in the same order.

    A name that two servers offer, or that is one of our own (handoffs, experts, ``end_call``),
    is prefixed with the server's: ``crm_search``. Names that are still the same after illegal
    characters were replaced get a digest of the original.
    """
    plain = [_legal(tool) for _, tool in tools]
    counts = Counter(plain)
    names = [
        _legal(f"{server}_{tool}") if counts[name] > 1 or _OURS.fullmatch(name) else name
        for (server, tool), name in zip(tools, plain, strict=True)
    ]
    counts = Counter(names)
    return [
        _with_digest(name, f"{server}/{tool}") if counts[name] > 1 else name
        for (server, tool), name in zip(tools, names, strict=True)
    ]


def _legal(name: str) -> str:
    """``name`` with what is illegal replaced, and cut so that two long ones stay apart."""
    legal = _ILLEGAL.sub("_", name) or "_"
    return legal if len(legal) <= LONGEST else _with_digest(legal, name)


def _with_digest(name: str, original: str) -> str:
    digest = hashlib.sha256(original.encode()).hexdigest()[:8]
    return f"{name[: LONGEST - 9]}_{digest}"
