"""How a call is kept going: figures that neither the agents nor the line decide."""

from dataclasses import dataclass

DEFAULT_SESSION_S = 14 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """What the service does by itself in a call.

    Attributes:
        session_s: A session is replaced by the next one after at most so many seconds, or before
            the server ends it, whichever comes first.
        idle_s: Silence after which the caller is asked whether they are there, twice, before the
            call ends; None never asks.
        answer_s: Time after a turn of the caller's in which the model has to begin its answer,
            before it is asked again; None waits for ever.
        resumes: Whether the agent, silenced by a sound of the caller's, goes on when no words
            follow.
    """

    session_s: float = DEFAULT_SESSION_S
    idle_s: float | None = 8.0
    answer_s: float | None = 6.0
    resumes: bool = False

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("session_s", "idle_s", "answer_s"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} is {value}; it must be positive")
