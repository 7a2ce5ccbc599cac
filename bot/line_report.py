"""Reports how good a call's line is, while the call runs and when it is over."""

import asyncio

from processors.call_audio.tap import AudioTap
from processors.events.event import Emit

REPORT_EVERY_S = 60.0


async def report_quality(audio: AudioTap, emit: Emit, every_s: float = REPORT_EVERY_S) -> None:
    """Emits a ``quality`` event every ``every_s`` until it is cancelled, and then the last one."""
    try:
        while True:
            await asyncio.sleep(every_s)
            _report(audio, emit)
    finally:
        _report(audio, emit)


def _report(audio: AudioTap, emit: Emit) -> None:
    if figures := audio.quality.figures():
        emit(figures)
