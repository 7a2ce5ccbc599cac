"""What is known of sounds of the caller's, as long as they may mean something or nothing."""

from dataclasses import dataclass, field

from processors.realtime.server_events import ServerEvent
from processors.realtime.session import Session

MIN_WORD_MS = 200
"""Speech shorter than this is a cough or a click, whatever words a transcriber hears in it."""

MIN_SPEECH_MS = 500
"""Without a transcript, speech shorter than this is taken for a cough or an "uh-huh"."""

SURE_SPEECH_MS = 2000
"""Speech this long is an interruption: its transcript is not waited for."""

UNKNOWN_MS = float("inf")
"""The length of speech whose length the server does not tell."""

WORDS_TIMEOUT_S = 1.0
"""How long a transcript may take after the caller's turn."""

SENTENCE_END_MS = 800
"""With less than this left to be heard the agent is finishing: an "okay" is an answer by then."""


@dataclass(slots=True)
class Sound:
    """A turn of the caller's of which it is not known yet whether it has words.

    ``speech_ms`` is how long they spoke, or `UNKNOWN_MS`.
    """

    start_ms: int
    speech_ms: float = UNKNOWN_MS
    text: str = ""
    is_committed: bool = False


@dataclass(slots=True)
class Doubt:
    """The agent is paused, because of ``sounds``, by their item ids.

    ``heard_again`` is a turn that began in the session before, until this one notices it.
    ``held`` are events of the response under way that must not take effect meanwhile: the caller
    may be about to say no. ``broke_off`` is what was said of a response that ended with its
    session; None without one.
    """

    session: Session
    began_at: float
    sounds: dict[str, Sound] = field(default_factory=dict)
    held: list[ServerEvent] = field(default_factory=list)
    heard_again: str | None = None
    broke_off: str | None = None
