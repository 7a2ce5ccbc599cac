"""An ear that hears nothing, for benchmarks: a script answers whatever is said."""

from emulators.hearing import Hints


class DeafHearing:
    """Implements `emulators.hearing.Hearing` at no cost: every utterance has no words."""

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        """Nothing."""
        return ""

    async def close(self) -> None:
        """Nothing to stop."""
