"""Decides when audio goes out to a peer that plays it from its own buffer, and what it heard."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of audio to send now, and the name of the mark to send after it."""

    audio: bytes
    mark: str


class Playout:
    """Outgoing audio of one call: waiting here, under way, or heard.

    Audio goes out at once until the peer holds ``lead_s`` seconds more than it can have played;
    from there on at the pace of playing. That hides the network's jitter, and bounds what an
    interruption has to take back from a peer that is slow to do so. Times are seconds of one
    monotonic clock; audio has one byte per sample (μ-law).
    """

    def __init__(self, *, sample_rate: int, lead_s: float = 1.0, chunk_s: float = 0.1) -> None:
        self._rate = sample_rate
        self._lead_s = lead_s
        self._chunk_size = int(sample_rate * chunk_s)
        self._waiting = bytearray()
        self._under_way: OrderedDict[str, bytes] = OrderedDict()
        self._played_out_at = 0.0
        self._plays_since = 0.0
        self._marks = 0

    def add(self, audio: bytes) -> None:
        """Queues audio after what is there."""
        self._waiting += audio

    def next_chunk(self, now: float) -> Chunk | None:
        """What to send now, if anything; it counts as under way from here on."""
        if not self._waiting or self.delay(now) > 0:
            return None
        audio = bytes(self._waiting[: self._chunk_size])
        del self._waiting[: self._chunk_size]
        self._marks += 1
        chunk = Chunk(audio, str(self._marks))
        if not self._under_way:
            self._plays_since = max(now, self._plays_since)
        self._under_way[chunk.mark] = audio
        self._played_out_at = max(now, self._played_out_at) + len(audio) / self._rate
        return chunk

    def delay(self, now: float) -> float:
        """Seconds until the peer can take more, 0 when it can now."""
        return max(0.0, self._played_out_at - self._lead_s - now)

    def is_under_way(self, chunk: Chunk) -> bool:
        """Whether the chunk still counts: neither heard nor dropped by `clear`."""
        return chunk.mark in self._under_way

    def heard(self, mark: str, now: float) -> bytes:
        """The peer returned a mark: the audio that has been heard since the last one.

        Marks from before a `clear` come back too, but what they stand for was not heard.
        """
        if mark not in self._under_way:
            return b""
        self._plays_since = now
        audio = bytearray()
        while True:
            name, chunk = self._under_way.popitem(last=False)
            audio += chunk
            if name == mark:
                return bytes(audio)

    def begun(self, now: float) -> bytes:
        """What the peer has played after the last mark, going by the clock.

        It is what `clear` takes back too late. Less a network's way there and back, in which the
        peer plays on.
        """
        played = max(0, int((now - self._plays_since) * self._rate))
        return b"".join(self._under_way.values())[:played]

    def clear(self) -> bool:
        """Drops everything that has not been heard; whether the peer holds some of it."""
        holds = bool(self._under_way)
        self._waiting.clear()
        self._under_way.clear()
        self._played_out_at = 0.0
        return holds

    @property
    def has_waiting(self) -> bool:
        """Whether there is audio that was not sent yet."""
        return bool(self._waiting)

    @property
    def is_done(self) -> bool:
        """Whether everything has been heard or dropped."""
        return not self._waiting and not self._under_way
