"""Announcements: made once, kept, tried again, and shipped for when all of that fails."""

import asyncio

import pytest

from bot import announcements as module
from bot.announcements import ANNOUNCEMENTS, APOLOGY, SHIPPED, Announcements, read_clip
from processors.realtime.announcements import Clip, RecordingError
from processors.realtime.endpoints import Endpoint
from tests.patience import PATIENCE_S

FIRST = Endpoint("first", "ws://x", "key", "m")
SPARE = Endpoint("spare", "ws://y", "key", "m")


class Studio:
    """Stands in for the models: notes who was asked, and refuses as often as it is told."""

    def __init__(self):
        self.takes = []
        self.refusals = 0

    async def record(self, text, *, voice, endpoint):
        self.takes.append((endpoint.name, voice, text))
        if self.refusals:
            self.refusals -= 1
            raise RecordingError("busy")
        return Clip(text, bytes(24_000 * 2), 24_000)


@pytest.fixture
def studio(monkeypatch):
    studio = Studio()
    monkeypatch.setattr(module, "record", studio.record)
    monkeypatch.setattr(module, "FIRST_DELAY_S", 0.01)
    return studio


async def made(kept, *endpoints, voice="marin"):
    announcements = Announcements([APOLOGY], voice=voice, endpoints=endpoints, kept=kept)
    announcements.start()
    async with asyncio.timeout(PATIENCE_S):
        await announcements.made.wait()
    await announcements.close()
    return announcements


async def test_a_line_is_made_once_for_each_voice_and_kept(studio, tmp_path):
    await made(tmp_path / "new", FIRST)
    await made(tmp_path / "new", FIRST)
    assert studio.takes == [("first", "marin", APOLOGY.text)]
    await made(tmp_path / "new", FIRST, voice="cedar")
    assert len(studio.takes) == 2


async def test_a_line_is_played_at_the_rate_of_the_call(studio, tmp_path):
    announcements = await made(tmp_path, FIRST)
    for rate in (8000, 24_000):
        clip = announcements.clip(APOLOGY, rate)
        assert (clip.sample_rate, len(clip.pcm)) == (rate, 2 * rate)


async def test_another_endpoint_makes_what_the_first_does_not(studio, tmp_path):
    studio.refusals = 1
    await made(tmp_path, FIRST, SPARE)
    assert [name for name, *_ in studio.takes] == ["first", "spare"]


async def test_what_could_not_be_made_is_tried_again(studio, tmp_path):
    studio.refusals = 3
    await made(tmp_path, FIRST)
    assert len(studio.takes) == 4


async def test_a_file_that_is_broken_is_made_anew(studio, tmp_path):
    await made(tmp_path, FIRST)
    (file,) = tmp_path.glob("*.wav")
    file.write_bytes(b"RIFF")
    await made(tmp_path, FIRST)
    assert len(studio.takes) == 2
    assert len(read_clip(file, "").pcm) == 48_000


async def test_a_disk_that_takes_nothing_costs_no_announcement(studio, tmp_path):
    (tmp_path / "file").write_text("")
    announcements = await made(tmp_path / "file" / "folder", FIRST)
    assert len(announcements.clip(APOLOGY, 8000).pcm) == 16_000


@pytest.mark.parametrize("announcement", ANNOUNCEMENTS, ids=lambda each: each.name)
def test_every_line_is_shipped_in_a_voice_at_an_ordinary_pace(announcement):
    clip = read_clip(SHIPPED / f"{announcement.name}.wav", announcement.text)
    seconds = len(clip.pcm) / 2 / clip.sample_rate
    words = len(announcement.text.split())
    assert 2 < words / seconds < 4
    announcements = Announcements([announcement], voice="marin", endpoints=[], kept=None)
    assert announcements.clip(announcement, clip.sample_rate) == clip
