"""What the caller of a row does, step by step."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hears:
    """Listens until ``line`` was heard to its end, or up to the word ``until`` of it.

    A line that is not heard out is one that the caller cuts short.
    """

    line: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Says:
    """Says a line; ``strike_after_s`` of it the row's faults strike."""

    line: str
    strike_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Strikes:
    """The row's faults strike now, before anything else is said."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Says nothing until the call is so old."""

    until_s: float


@dataclass(frozen=True, slots=True)
class HearsSound:
    """Listens until something was said for a second, whatever it was."""


Step = Hears | Says | Strikes | Waits | HearsSound
