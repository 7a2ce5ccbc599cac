"""When something left one end and arrived at the other, on one machine's monotonic clock."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class StampDelays:
    """Delays of stamped frames, told apart by their numbers."""

    delays_ms: list[float] = field(default_factory=list)
    _sent: dict[int, float] = field(default_factory=dict)

    def sent(self, number: int, at: float) -> None:
        """The frame left; ``at`` in monotonic seconds."""
        self._sent[number] = at

    def arrived(self, number: int, at: float) -> None:
        """The frame is there. One that was never announced is not counted."""
        sent = self._sent.pop(number, None)
        if sent is not None:
            self.delays_ms.append((at - sent) * 1000)

    @property
    def missing(self) -> int:
        """Frames that left and did not arrive (yet)."""
        return len(self._sent)


@dataclass(slots=True)
class Interruptions:
    """From the model noticing the caller's voice to the carrier being told to stop playing."""

    delays_ms: list[float] = field(default_factory=list)
    _noticed: dict[int, float] = field(default_factory=dict)

    def noticed(self, call: int, at: float) -> None:
        """The model says that the caller of ``call`` speaks."""
        self._noticed[call] = at

    def cleared(self, call: int, at: float) -> None:
        """The carrier was told to drop what it holds; only the first time counts."""
        noticed = self._noticed.pop(call, None)
        if noticed is not None:
            self.delays_ms.append((at - noticed) * 1000)


@dataclass(slots=True)
class Ledger:
    """All that one run measures, over all of its calls."""

    caller_audio: StampDelays = field(default_factory=StampDelays)
    model_audio: StampDelays = field(default_factory=StampDelays)
    interruptions: Interruptions = field(default_factory=Interruptions)
