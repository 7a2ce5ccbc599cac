"""A person's voice on a call's way out."""

import numpy as np
from pipecat.frames.frames import OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection

from processors.operator_voice import LATE_MS, MOST_WAITING_MS, PAUSE_MS, OperatorVoice
from processors.playback import Playback

PHONE, BROWSER = 8000, 24_000


class Caught(OperatorVoice):
    """Catches what goes on to the line."""

    def __init__(self, playback, sample_rate):
        super().__init__(playback, sample_rate, BROWSER)
        self.frames = []

    async def push_frame(self, frame, direction=FrameDirection.DOWNSTREAM):
        self.frames.append(frame)

    @property
    def pcm(self):
        return b"".join(frame.audio for frame in self.frames)


def tone(ms, rate, hertz=440):
    at = np.arange(rate * ms // 1000) / rate
    return (np.sin(2 * np.pi * hertz * at) * 8000).astype(np.int16)


async def test_a_browsers_voice_is_heard_at_a_telephones_rate():
    playback = Playback(PHONE)
    voice = Caught(playback, PHONE)
    for chunk in np.split(tone(1000, BROWSER), 50):
        await voice.speak(chunk.tobytes())
        playback.played(PHONE // 50)
    assert all(isinstance(f, OutputAudioRawFrame) and f.sample_rate == PHONE for f in voice.frames)
    heard = np.frombuffer(voice.pcm, np.int16).astype(float)
    # The resampler holds some ms back.
    assert PHONE * 0.97 < len(heard) <= PHONE
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(np.argmax(spectrum) * PHONE / len(heard) - 440) < 5


async def test_where_rates_are_equal_nothing_is_changed():
    playback = Playback(BROWSER)
    voice = Caught(playback, BROWSER)
    pcm = tone(20, BROWSER).tobytes()
    await voice.speak(pcm)
    assert voice.pcm == pcm


async def test_a_voice_that_is_late_catches_up_in_its_pauses_and_keeps_its_words():
    playback = Playback(BROWSER)
    voice = Caught(playback, BROWSER)
    word, pause = tone(20, BROWSER).tobytes(), bytes(960)
    for _ in range(50):
        await voice.speak(pause)
    assert LATE_MS <= playback.joined_ms <= LATE_MS + 20
    for _ in range(20):
        await voice.speak(word)
        await voice.speak(pause)
    assert playback.joined_ms >= LATE_MS + 40 * 20, "a short pause belongs to words"
    played = len(voice.frames)
    for _ in range(PAUSE_MS // 20 + 10):
        await voice.speak(pause)
    assert len(voice.frames) == played + PAUSE_MS // 20 - 1
    playback.played(BROWSER)
    before = len(voice.frames)
    await voice.speak(pause)
    assert len(voice.frames) == before + 1


async def test_a_line_that_plays_nothing_does_not_fill_up():
    playback = Playback(BROWSER)
    voice = Caught(playback, BROWSER)
    for _ in range(500):
        await voice.speak(tone(20, BROWSER).tobytes())
    assert len(voice.frames) <= MOST_WAITING_MS / 20 + 1
    playback.played(2 * BROWSER)
    before = len(voice.frames)
    await voice.speak(tone(20, BROWSER).tobytes())
    assert len(voice.frames) == before + 1


async def test_it_is_shown_as_what_the_caller_hears_and_is_none_of_the_agents():
    playback = Playback(BROWSER)
    shown = bytearray()
    playback.show(shown.extend)
    voice = Caught(playback, BROWSER)
    pcm = tone(20, BROWSER).tobytes()
    await voice.speak(pcm)
    assert not playback.is_playing
    playback.enqueued("item", 0, 480)
    playback.played(480, pcm)
    assert bytes(shown) == pcm
    assert playback.heard_ms("item") == 0
    playback.played(480)
    assert playback.heard_ms("item") == 20


async def test_the_rest_of_an_agents_reply_that_was_cut_is_not_taken_for_the_persons():
    playback = Playback(BROWSER)
    voice = Caught(playback, BROWSER)
    playback.enqueued("item", 0, 4800)
    playback.cut()
    await voice.speak(bytes(960))
    playback.played(480)
    assert playback.joined_ms == 20
    playback.cleared()
    assert playback.joined_ms == 0
