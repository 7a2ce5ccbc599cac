"""How a call is kept going: figures that neither the agents nor the line decide."""

from dataclasses import dataclass

DEFAULT_SESSION_S = 14 * 60.0

DEFAULT_HISTORY_TOKENS = 8000
"""About forty minutes of talk. The smallest context of a Realtime model is 32,768 tokens, of which
4,096 are for its answer and up to 16,384 for instructions and tools: that leaves 12,288, of which
a new session needs a part for what is said in it."""

MIN_HISTORY_TOKENS = 200
"""With less than this not even a summary and the last turns have room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """What the service does by itself in a call.

    Attributes:
        hold_s: Silence after which somebody who waits hears a recorded line; None plays none.
        session_s: A session is replaced by the next one after at most so many seconds, or before
            the server ends it, whichever comes first.
        idle_s: Silence after which the caller is asked whether they are there, twice, before the
            call ends; None never asks.
        answer_s: Time after a turn of the caller's in which the model has to begin its answer,
            before it is asked again; None waits for ever.
        is_placed: We placed the call; whoever is on the line did not call us.
        first_words_s: How long whoever answers may take to speak first, before the agent opens the
            call; None has it open at once.
        resumes: Whether the agent, silenced by a sound of the caller's, goes on when no words
            follow.
        history_tokens: What a session's successor is told of the call, at most: beyond it older
            turns are summarised.
        permitted_servers: Labels of remote MCP servers whose calls are approved where the model's
            server asks; all others are denied.
        remote_tool_s: What a call of a remote MCP server may take before the caller is told that it
            can't be found out.
    """

    hold_s: float | None = 2.0
    session_s: float = DEFAULT_SESSION_S
    idle_s: float | None = 8.0
    answer_s: float | None = 6.0
    is_placed: bool = False
    first_words_s: float | None = None
    resumes: bool = False
    history_tokens: int = DEFAULT_HISTORY_TOKENS
    permitted_servers: frozenset[str] = frozenset()
    remote_tool_s: float = 15.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("hold_s", "session_s", "idle_s", "answer_s", "first_words_s", "remote_tool_s"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} is {value}; it must be positive")
        if self.history_tokens < MIN_HISTORY_TOKENS:
            raise ValueError(
                f"history_tokens is {self.history_tokens}; it must be {MIN_HISTORY_TOKENS} or more"
            )
