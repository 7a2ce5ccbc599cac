"""How fast an agent speaks: which of its words go with how much of its audio."""

CHARS_PER_MS = 0.015
"""Of ordinary speech, until the agent's own is known."""


class Pace:
    """Measured on what was said to the end, since the API tells no times of words."""

    def __init__(self) -> None:
        self._chars = 0
        self._ms = 0.0

    def measure(self, text: str, audio_ms: float) -> None:
        """So long the audio of these words was."""
        self._chars += len(text)
        self._ms += audio_ms

    def words_in(self, audio_ms: float, text: str) -> str:
        """Those of the words, from the first on, for which the audio is long enough."""
        chars_per_ms = self._chars / self._ms if self._chars and self._ms else CHARS_PER_MS
        return heard_words(text, audio_ms * chars_per_ms / len(text) if text else 0.0)


def heard_words(text: str, share: float) -> str:
    """The words of ``text`` that had begun when ``share`` (0 to 1) of its audio was heard.

    Words take about as long as they are long: that is all that is known without timestamps.
    """
    if share >= 1:
        return text
    end = int(len(text) * share)
    if end <= 0:
        return ""
    space = text.find(" ", end)
    return text if space < 0 else text[:space]
