import asyncio

import numpy as np
import pytest

from emulators.speech import SpeechChunk
from emulators.speech_espeak import VOICES, EspeakSpeech

REALTIME_VOICES = [
    *("alloy", "ash", "ballad", "coral", "echo"),
    *("sage", "shimmer", "verse", "marin", "cedar"),
]
SENTENCE = "I found three hotels in Paris. The first is the Hôtel Lutetia, at $1,250.50 a night."


async def spoken(text: str, **options: object) -> list[SpeechChunk]:
    settings = {"voice": "marin", "sample_rate": 24000} | options
    return [chunk async for chunk in EspeakSpeech().speak(text, **settings)]


def samples(chunks: list[SpeechChunk]) -> np.ndarray:
    return np.frombuffer(b"".join(chunk.pcm for chunk in chunks), dtype=np.int16)


def fundamental_hz(pcm: np.ndarray, sample_rate: int) -> float:
    """Median of the strongest autocorrelation peak between 60 and 400 Hz."""
    window = sample_rate // 20
    found = []
    for start in range(0, len(pcm) - window, window):
        frame = pcm[start : start + window].astype(float)
        spectrum = np.correlate(frame, frame, "full")[window - 1 :]
        low, high = sample_rate // 400, sample_rate // 60
        lag = low + int(spectrum[low:high].argmax())
        if spectrum[0] > 1e8 and spectrum[lag] > spectrum[0] / 2:
            found.append(sample_rate / lag)
    return float(np.median(found))


@pytest.mark.parametrize("text", [SENTENCE, "  hi ", "...", "Your number is 4 7 1, 9 3 2. Bye!"])
async def test_chunks_together_say_the_whole_text(text):
    assert "".join(chunk.text for chunk in await spoken(text)) == text


async def test_empty_text_has_no_audio():
    assert await spoken("") == []


async def test_words_come_with_their_own_audio():
    chunks = await spoken(SENTENCE)
    assert len(chunks) > 4
    for chunk in chunks:
        assert 0 < len(chunk.text.split()) <= 4
        assert 0.1 < len(chunk.pcm) / 2 / 24000 < 4


@pytest.mark.parametrize("sample_rate", [8000, 16000, 24000])
async def test_duration_does_not_depend_on_the_sample_rate(sample_rate):
    seconds = len(samples(await spoken(SENTENCE, sample_rate=sample_rate))) / sample_rate
    reference = len(samples(await spoken(SENTENCE))) / 24000
    assert seconds == pytest.approx(reference, rel=0.03)


async def test_faster_speech_is_shorter():
    slow, fast = await spoken(SENTENCE, speed=0.8), await spoken(SENTENCE, speed=1.5)
    assert len(samples(fast)) < 0.75 * len(samples(slow))


@pytest.mark.parametrize("voice", [*REALTIME_VOICES, "caller", "klatt5"])
async def test_every_voice_speaks_loud_enough_without_clipping(voice):
    pcm = samples(await spoken(SENTENCE, voice=voice)).astype(float)
    assert 1000 < np.sqrt((pcm**2).mean()) < 8000
    assert (np.abs(pcm) >= 32767).mean() < 0.001


def test_no_two_realtime_voices_are_the_same():
    assert len({VOICES[name].name for name in REALTIME_VOICES}) == len(REALTIME_VOICES)


async def test_marin_is_higher_than_cedar():
    marin = fundamental_hz(samples(await spoken(SENTENCE, voice="marin")), 24000)
    cedar = fundamental_hz(samples(await spoken(SENTENCE, voice="cedar")), 24000)
    assert marin > 1.5 * cedar


async def test_unknown_voice_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown voice 'nova'.*alloy.*marin"):
        await spoken("hello", voice="nova")


@pytest.mark.parametrize("speed", [0.2, 1.6])
async def test_speed_out_of_range_is_refused(speed):
    with pytest.raises(ValueError, match=r"0\.25 to 1\.5"):
        await spoken("hello", speed=speed)


async def test_many_speakers_at_once_do_not_disturb_each_other():
    alone = {voice: len(samples(await spoken(SENTENCE, voice=voice))) for voice in REALTIME_VOICES}
    together = await asyncio.gather(*(spoken(SENTENCE, voice=v) for v in REALTIME_VOICES * 3))
    lengths = [len(samples(chunks)) for chunks in together]
    # espeak-ng varies the lengths of sounds a little from one time to the next.
    assert lengths == pytest.approx([alone[voice] for voice in REALTIME_VOICES] * 3, rel=0.02)
