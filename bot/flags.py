"""Feature flags: what is on, off, or on for a share of the callers, by one setting.

Whether a flag is on for a caller follows from its name and their number alone: the same caller gets
the same answer on every call and every instance, one flag's share is independent of another's, and
who is in at 10 % is in at 25 %.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agents import UnknownTeamError, load_team

SERVICE = "service"
RECORDING = "recording"
TEAM, MODEL = "team:", "model:"

_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)\s*%")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


@dataclass(frozen=True, slots=True)
class Flag:
    """One feature, and for whom it is on.

    Attributes:
        name: ``service``, ``recording``, ``team:NAME`` or ``model:NAME``.
        percent: Of the callers, 0 to 100.
    """

    name: str
    percent: float

    def is_on_for(self, who: str) -> bool:
        """Whether ``who``, a caller's number or another lasting name, is in."""
        digest = hashlib.sha256(f"{self.name}:{who}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64 * 100 < self.percent


class Flags:
    """All flags of the service; what is not among them is as it is without flags."""

    def __init__(self, flags: Iterable[Flag] = ()) -> None:
        self._flags = {flag.name: flag for flag in flags}

    def is_on(self, name: str, who: str) -> bool:
        """Whether a feature that is on by default is on for ``who``."""
        flag = self._flags.get(name)
        return flag is None or flag.is_on_for(who)

    def choice(self, kind: str, who: str) -> str | None:
        """What ``who`` gets of the flags ``kind:NAME``: the name of the first that is on."""
        for name, flag in self._flags.items():
            if name.startswith(kind) and flag.is_on_for(who):
                return name.removeprefix(kind)
        return None

    def names(self, kind: str) -> list[str]:
        """The names of the flags ``kind:NAME``."""
        return [name.removeprefix(kind) for name in self._flags if name.startswith(kind)]

    def shares(self) -> dict[str, float]:
        """Percent of the callers by flag."""
        return {flag.name: flag.percent for flag in self._flags.values()}


def read_flags(value: Any) -> Any:
    """Reads ``name=on|off|25%, …``. Raises ``ValueError``."""
    if not isinstance(value, str):
        return value
    flags: dict[str, Flag] = {}
    for entry in (part.strip() for part in value.split(",")):
        if not entry:
            continue
        name, separator, share = (part.strip() for part in entry.partition("="))
        if not separator:
            raise ValueError(f"a comma-separated list such as recording=off, not {entry!r}")
        if name in flags:
            raise ValueError(f"a list in which no flag stands twice: {name!r} does")
        flags[name] = Flag(_known(name), _percent(name, share))
    return tuple(flags.values())


def _known(name: str) -> str:
    if name in (SERVICE, RECORDING):
        return name
    if name.startswith(TEAM):
        try:
            load_team(name.removeprefix(TEAM))
        except UnknownTeamError as unknown:
            raise ValueError(f"a list with the names of teams: {unknown}") from None
        return name
    if name.startswith(MODEL) and _MODEL.fullmatch(name.removeprefix(MODEL)):
        return name
    raise ValueError(
        f"a list of the flags service, recording, team:NAME and model:NAME, not {name!r}"
    )


def _percent(name: str, share: str) -> float:
    if share in ("on", "off"):
        return 100.0 if share == "on" else 0.0
    match = _SHARE.fullmatch(share)
    if match is None or float(match[1]) > 100:
        raise ValueError(f"a list in which {name} is on, off or a share such as 25%, not {share!r}")
    return float(match[1])
