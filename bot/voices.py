"""The voices that a call can ask for: those that each engine's models have."""

from typing import Literal, get_args

Voice = Literal[
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"
]
"""https://platform.openai.com/docs/guides/realtime-conversations#voice-options."""

VOICES: tuple[str, ...] = get_args(Voice)
