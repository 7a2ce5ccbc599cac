"""Recordings on disk: in step for half an hour, whole after a kill, private, kept and deleted."""

import os
import random
import stat
import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from bot.recording.library import DAY_S, RecordingLibrary
from bot.recording.recording_file import RecordingFile, path_of, recover
from processors.call_audio.alignment import Aligner
from processors.call_audio.tap import AudioTap

RATE = 8000
FRAME = 160
CALL = "call_" + "0" * 32


def samples_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)


def claps(channel: np.ndarray) -> np.ndarray:
    """The positions of the claps in a channel."""
    return np.flatnonzero(channel == 30_000)


def frame(value: int, samples: int = FRAME, clap: int | None = None) -> bytes:
    pcm = np.full(samples, value, np.int16)
    if clap is not None:
        pcm[clap] = 30_000
    return pcm.tobytes()


QUIET, CLAP = frame(100), frame(100, clap=0)


@pytest.mark.parametrize(
    ("stamped", "skew", "piece"), [(True, 150e-6, 5), (False, -150e-6, 1)], ids=["phone", "browser"]
)
def test_both_channels_stay_in_step_for_half_an_hour(tmp_path, stamped, skew, piece):
    """The carrier's clock differs, frames come with jitter and some never; agent and caller clap
    together every 20 s, as the telephone has it."""
    chance = random.Random(7)
    now = 50.0
    tap = AudioTap(RATE, clock=lambda: now)
    listener = tap.listen()
    file = RecordingFile(path_of(tmp_path, CALL, 1, "wav"), "wav", RATE)
    aligner = Aligner(RATE, tap.position)
    silence_until = 0
    beats = 30 * 60 * 50
    said = heard = 0
    for beat in range(beats):
        clap = beat % 1000 == 500
        if beat % 700 == 333:
            silence_until = beat + chance.randint(10, 70)
        now = max(now, 50.0 + (beat + 1) * 0.02 * (1 + skew) + chance.expovariate(1 / 0.006))
        if beat >= silence_until:
            tap.arrived(CLAP if clap else QUIET, beat * 20 if stamped else None)
            said += clap
        # The agent speaks for 12 s of every 16, in pieces of 100 ms on the phone.
        if beat % 800 < 600 and beat % piece == piece - 1:
            clapped = (500 - (beat - piece + 1)) % 1000
            heard += clapped < piece
            at = clapped * FRAME if clapped < piece else None
            tap.played(frame(200, FRAME * piece, at))
        if beat % 50 == 0:
            for part in listener.take():
                aligner.add(part)
            for block in aligner.take(tap.position - RATE):
                file.write(block)
    for part in listener.take():
        aligner.add(part)
    for block in aligner.take(tap.position):
        file.write(block)
    finished = file.finish()

    audio = samples_of(finished.path)
    caller, agent = claps(audio[:, 0]), claps(audio[:, 1])
    assert len(caller) == said > 60
    assert len(agent) == heard > 50
    both = [(a, caller[np.argmin(abs(caller - a))]) for a in agent]
    together = [(a, c) for a, c in both if abs(a - c) < RATE]
    assert len(together) > 40
    assert together[-1][0] > len(audio) * 0.95, "also at the end"
    assert max(abs(int(a) - int(c)) for a, c in together) < 0.02 * RATE
    assert finished.duration_s == pytest.approx(1800, abs=0.5)


def block(value: int, samples: int = RATE) -> np.ndarray:
    return np.full((samples, 2), (value, -value), np.int16)


def test_a_recording_is_private_and_unfinished_under_another_name(tmp_path):
    path = path_of(tmp_path / "new", CALL, 1, "wav")
    file = RecordingFile(path, "wav", RATE)
    file.write(block(5))
    (part,) = path.parent.iterdir()
    assert part.name == f"{CALL}.wav.part"
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    finished = file.finish()
    assert list(path.parent.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (finished.duration_s, finished.bytes) == (1.0, 44 + RATE * 4)
    assert np.array_equal(samples_of(path), block(5))


def test_opus_keeps_the_sides_apart(tmp_path):
    path = path_of(tmp_path, CALL, 1, "opus")
    file = RecordingFile(path, "opus", RATE)
    tone = (np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE) * 8000).astype(np.int16)
    for second in range(6):
        sides = np.zeros((RATE, 2), np.int16)
        sides[:, second % 2] = tone
        file.write(sides)
    assert file.finish().duration_s == 6
    with av.open(str(path)) as container:
        decoded = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    assert decoded.shape == (2, 6 * 48_000)
    for second in range(6):
        middle = decoded[:, second * 48_000 + 12_000 : second * 48_000 + 36_000]
        power = (middle.astype(float) ** 2).mean(axis=1)
        assert power[second % 2] > 10_000 * power[1 - second % 2]


KILLED = """
import os, sys, numpy as np
from pathlib import Path
from bot.recording.recording_file import RecordingFile, path_of
name, format = sys.argv[2:]
file = RecordingFile(path_of(Path(sys.argv[1]), name, 1, format), format, 8000)
for second in range(10):
    file.write(np.random.default_rng(second).integers(-9000, 9000, (8000, 2)).astype(np.int16))
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("format", ["wav", "opus"])
def test_what_a_killed_process_leaves_is_completed_at_the_next_start(tmp_path, format):
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), CALL, format], check=False)
    (part,) = tmp_path.iterdir()
    assert part.suffix == ".part"
    if format == "wav":
        assert len(samples_of(part)) == 10 * RATE, "valid as it is"
    library = RecordingLibrary(tmp_path, mode="on", format="wav", retention_days=0)
    (path,) = library.recover()
    assert library.find(CALL) == [path]
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    assert sum(f.samples for f in frames) / frames[0].sample_rate >= 8


def test_a_part_that_is_still_written_is_left_alone(tmp_path):
    file = RecordingFile(path_of(tmp_path, CALL, 1, "wav"), "wav", RATE)
    file.write(block(1))
    (part,) = tmp_path.iterdir()
    assert recover(part) is None
    assert RecordingLibrary(tmp_path, mode="on", format="wav", retention_days=0).recover() == []
    assert file.finish().path.exists()


def test_a_part_without_audio_is_reported_and_left(tmp_path):
    (tmp_path / f"{CALL}.wav.part").write_bytes(b"")
    assert RecordingLibrary(tmp_path, mode="on", format="wav", retention_days=0).recover() == []
    assert (tmp_path / f"{CALL}.wav.part").exists()


def test_recordings_are_kept_for_as_long_as_they_may_be(tmp_path):
    now = 1_800_000_000.0
    for name, days in ((CALL, 31), ("call_" + "1" * 32, 29)):
        path = tmp_path / f"{name}.ogg"
        path.write_bytes(b"OggS")
        os.utime(path, (now - days * DAY_S,) * 2)
    (tmp_path / "notes.txt").write_text("mine")
    os.utime(tmp_path / "notes.txt", (0, 0))
    library = RecordingLibrary(tmp_path, mode="on", format="opus", retention_days=30)
    assert [path.stem for path in library.expire(now)] == [CALL]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"call_{'1' * 32}.ogg", "notes.txt"]


def test_a_calls_recordings_are_found_in_order_and_no_other_calls(tmp_path):
    names = [CALL, *(f"{CALL}-{n}" for n in range(2, 12)), "call_" + "1" * 32]
    for name in reversed(names):
        (tmp_path / f"{name}.ogg").write_bytes(b"OggS")
    library = RecordingLibrary(tmp_path, mode="on", format="opus", retention_days=30)
    assert [path.stem for path in library.find(CALL)] == names[:-1]
    assert library.delete(CALL) == 11
    assert [path.stem for path in tmp_path.iterdir()] == names[-1:]
