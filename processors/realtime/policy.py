"""How a call is kept going: figures that neither the agents nor the line decide."""

from dataclasses import dataclass

DEFAULT_SESSION_S = 14 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """What the service does by itself in a call.

    Attributes:
        session_s: A session is replaced by the next one after at most so many seconds, or before
            the server ends it, whichever comes first.
    """

    session_s: float = DEFAULT_SESSION_S

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.session_s <= 0:
            raise ValueError(f"session_s is {self.session_s}; it must be positive")
