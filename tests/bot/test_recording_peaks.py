"""What a waveform is drawn from: both sides, where they are loud, however long the recording."""

from pathlib import Path

import httpx
import numpy as np
import pytest

from bot.recording import peaks
from bot.recording.peaks import PEAKS_PER_S, read_peaks
from bot.recording.recording_file import RecordingFile, path_of
from tests.bot.service import service

RATE = 8000
CALL = "call_" + "0" * 32


def record(folder: Path, kind: str = "opus", seconds: int = 10, number: int = 1) -> Path:
    """The caller speaks in the third second, the agent in the sixth and ninth, half as loud."""
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * time)
    file = RecordingFile(path_of(folder, CALL, number, kind), kind, RATE)
    for second in range(seconds):
        block = np.zeros((RATE, 2), dtype=np.int16)
        if second == 2:
            block[:, 0] = 24_000 * tone
        if second in (5, 8):
            block[:, 1] = 12_000 * tone
        file.write(block)
    return file.finish().path


@pytest.mark.parametrize("kind", ["opus", "wav"])
def test_each_side_is_loud_where_it_speaks(tmp_path, kind):
    found = read_peaks(record(tmp_path, kind))
    assert found.per_s == PEAKS_PER_S
    assert found.duration_s == pytest.approx(10, abs=0.1)
    assert len(found.caller) == len(found.agent) == pytest.approx(100, abs=2)
    spoken = slice(22, 29)
    answered = slice(52, 59)
    assert min(found.caller[spoken]) > 60
    assert max(found.agent[spoken]) < 5
    assert 25 < min(found.agent[answered]) <= max(found.agent[answered]) < 55
    assert max(found.caller[answered]) < 5
    assert max(found.caller[:18]) < 5


def test_a_long_recording_has_no_more_peaks_than_a_page_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(peaks, "MOST_PEAKS", 30)
    found = read_peaks(record(tmp_path, "wav"))
    assert len(found.caller) <= 30
    assert len(found.caller) / found.per_s == pytest.approx(10, abs=0.5)
    assert max(found.caller) > 60


def test_a_recording_that_was_read_is_not_decoded_again(tmp_path, monkeypatch):
    path = record(tmp_path)
    first = read_peaks(path)
    monkeypatch.setattr(peaks, "_blocks", None)
    assert read_peaks(path) is first


async def test_the_route_has_each_part_and_no_file_that_is_no_audio(tmp_path):
    record(tmp_path)
    record(tmp_path, seconds=7, number=2)
    (tmp_path / f"{CALL}-3.ogg").write_bytes(b"no audio at all")
    async with (
        service("ws://127.0.0.1:9", recordings_dir=tmp_path) as running,
        httpx.AsyncClient(base_url=f"{running.http}/api/calls/{CALL}", timeout=60) as client,
    ):
        second = await client.get("/recording/peaks", params={"part": 2})
        broken = await client.get("/recording/peaks", params={"part": 3})
        missing = await client.get("/recording/peaks", params={"part": 4})
    assert second.json()["duration_s"] == pytest.approx(7, abs=0.1)
    assert (broken.status_code, broken.json()["field"]) == (404, "part")
    assert (missing.status_code, missing.json()["field"]) == (404, "part")
