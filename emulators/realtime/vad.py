"""Voice activity: the Silero model that ships with Pipecat, and the state machine around it.

One model per process, shared by all sessions and run in worker threads (onnxruntime releases the
interpreter lock), so that the event loop never waits for it: a window of 32 ms costs 0.08 ms.
"""

import asyncio
import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
WINDOW = 512
"""Samples that the model judges at once: 32 ms."""
WINDOW_MS = WINDOW * 1000 // SAMPLE_RATE
_CONTEXT = 64

MIN_SPEECH_MS = 96
"""Speech shorter than this does not start a turn: a click, a breath."""
_HYSTERESIS = 0.15
"""Once speaking, the probability must fall this far below the threshold to count as silence."""

# The recurrent state drifts over long silence, noise or music until speech is missed (see
# pipecat.audio.vad.silero). It is cleared every 2 s, but only after 160 ms of clear silence.
_RESET_WINDOWS = 2_000 // WINDOW_MS
_QUIET_WINDOWS = 5
_QUIET = 0.1


@dataclass(frozen=True, slots=True)
class Edge:
    """Speech began or ended, at a position in ms of the audio fed so far."""

    kind: Literal["started", "stopped"]
    at_ms: int


@cache
def _model() -> onnxruntime.InferenceSession:
    spec = importlib.util.find_spec("pipecat")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("the voice activity model ships with pipecat-ai, which is not installed")
    path = Path(spec.submodule_search_locations[0], "audio", "vad", "data", "silero_vad.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )


class SileroProbability:
    """How likely each window is speech. Holds one stream's recurrent state."""

    def __init__(self) -> None:
        self._session = _model()
        self._rate = np.array(SAMPLE_RATE, dtype=np.int64)
        self.reset()

    def reset(self) -> None:
        """Forgets the audio heard so far."""
        self._state = np.zeros((2, 1, 128), dtype=np.float32)
        self._context = np.zeros((1, _CONTEXT), dtype=np.float32)

    def __call__(self, window: NDArray[np.float32]) -> float:
        """The probability for the next :data:`WINDOW` samples at 16 kHz."""
        heard = np.concatenate((self._context, window[np.newaxis, :]), axis=1)
        inputs = {"input": heard, "state": self._state, "sr": self._rate}
        probability, self._state = self._session.run(None, inputs)
        self._context = heard[:, -_CONTEXT:]
        return float(probability[0, 0])


class SpeechDetector:
    """Finds where speech starts and stops in one stream of audio."""

    def __init__(
        self,
        sample_rate: int,
        *,
        threshold: float,
        silence_ms: int,
        probability: Callable[[NDArray[np.float32]], float] | None = None,
    ) -> None:
        """Makes a detector.

        Args:
            sample_rate: Of the audio that is fed, in Hz.
            threshold: 0 to 1; speech is what is as likely.
            silence_ms: Silence that ends speech.
            probability: Judges a window; by default the Silero model.
        """
        # The quickest quality holds 0.2 ms back instead of 15 to 37; the model does not mind.
        self._resampler = soxr.ResampleStream(
            sample_rate, SAMPLE_RATE, 1, dtype="int16", quality="QQ"
        )
        self._silero: SileroProbability | None = None
        if probability is None:
            probability = self._silero = SileroProbability()
        self._probability = probability
        self._threshold = threshold
        self._silence_ms = silence_ms
        self._pending = np.empty(0, dtype=np.int16)
        self._position_ms = 0
        self._speaking = False
        self._speech_ms = 0
        self._silent_ms = 0
        self._since_reset = 0
        self._quiet = 0

    def feed(self, pcm: bytes) -> list[Edge]:
        """Judges PCM16; takes 0.08 ms of processor time per 32 ms of audio."""
        samples = self._resampler.resample_chunk(np.frombuffer(pcm, dtype=np.int16))
        pending = np.concatenate((self._pending, samples))
        whole = len(pending) // WINDOW * WINDOW
        self._pending = pending[whole:]
        windows = pending[:whole].reshape(-1, WINDOW).astype(np.float32) / 32768.0
        edges = [self._judge(window) for window in windows]
        return [edge for edge in edges if edge is not None]

    def _judge(self, window: NDArray[np.float32]) -> Edge | None:
        likely = self._probability(window)
        self._position_ms += WINDOW_MS
        edge = self._while_speaking(likely) if self._speaking else self._while_silent(likely)
        self._maybe_reset(likely)
        return edge

    def _while_silent(self, likely: float) -> Edge | None:
        if likely < self._threshold:
            self._speech_ms = 0
            return None
        self._speech_ms += WINDOW_MS
        if self._speech_ms < MIN_SPEECH_MS:
            return None
        self._speaking, self._silent_ms = True, 0
        return Edge("started", self._position_ms - self._speech_ms)

    def _while_speaking(self, likely: float) -> Edge | None:
        if likely >= max(self._threshold - _HYSTERESIS, 0.01):
            self._silent_ms = 0
            return None
        self._silent_ms += WINDOW_MS
        if self._silent_ms < self._silence_ms:
            return None
        self._speaking, self._speech_ms = False, 0
        return Edge("stopped", self._position_ms)

    def _maybe_reset(self, likely: float) -> None:
        self._since_reset += 1
        self._quiet = self._quiet + 1 if likely < _QUIET else 0
        due = self._since_reset >= _RESET_WINDOWS and self._quiet >= _QUIET_WINDOWS
        if due and not self._speaking and self._silero is not None:
            self._silero.reset()
            self._since_reset = 0


class VoiceActivity:
    """Runs detectors off the event loop. One per server."""

    def __init__(self, threads: int = 2) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="voice-activity")

    def detector(self, sample_rate: int, turn_detection: dict[str, Any]) -> SpeechDetector:
        """A detector for a session's ``turn_detection``."""
        return SpeechDetector(
            sample_rate,
            threshold=turn_detection.get("threshold", 0.5),
            silence_ms=silence_ms(turn_detection),
        )

    async def feed(self, detector: SpeechDetector, pcm: bytes) -> list[Edge]:
        """:meth:`SpeechDetector.feed` in a worker thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, detector.feed, pcm)

    def close(self) -> None:
        """Stops the threads."""
        self._executor.shutdown(wait=False, cancel_futures=True)


_EAGERNESS_MS = {"high": 600, "medium": 1_000, "auto": 1_000, "low": 1_600}


def silence_ms(turn_detection: dict[str, Any]) -> int:
    """The silence that ends a turn.

    ``semantic_vad`` judges whether a sentence is complete, which this does not: it waits longer,
    the less eager it is told to be.
    """
    if turn_detection["type"] == "semantic_vad":
        return _EAGERNESS_MS[turn_detection["eagerness"]]
    return int(turn_detection["silence_duration_ms"])
