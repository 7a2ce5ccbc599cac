import numpy as np
import pytest

from emulators.speech_espeak import EspeakSpeech


async def espeak(text: str, sample_rate: int) -> bytes:
    """Speech without the silence around it."""
    spoken = EspeakSpeech().speak(text, voice="caller", sample_rate=sample_rate)
    pcm = np.frombuffer(b"".join([chunk.pcm async for chunk in spoken]), dtype=np.int16)
    loud = np.flatnonzero(np.abs(pcm.astype(int)) > 200)
    return pcm[loud[0] : loud[-1] + 1].tobytes()


@pytest.fixture
async def question() -> bytes:
    """ "I need a hotel in Paris", PCM16 at 24 kHz."""
    return await espeak("I need a hotel in Paris", 24_000)


@pytest.fixture
async def question_8k() -> bytes:
    """The same at 8 kHz."""
    return await espeak("I need a hotel in Paris", 8_000)
