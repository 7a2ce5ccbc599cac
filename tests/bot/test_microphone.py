"""The microphone test: WAV files in place of a device, and clear words where there is none."""

import asyncio
import builtins
import sys
import wave
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bot.run import main
from bot.transports.microphone import (
    SAMPLE_RATE,
    AudioDeviceError,
    Loudspeaker,
    MicrophoneLine,
    SoundCard,
    WavFiles,
    read_wav,
    write_wav,
)
from tests.bot.service import model, service
from tests.patience import PATIENCE_S


def tone(rate: int, seconds: float) -> np.ndarray:
    return (np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * 440 / rate) * 8000).astype(np.int16)


def write(path: Path, samples: np.ndarray, rate: int, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (24_000, 1), (48_000, 2)])
def test_a_wav_of_any_rate_becomes_mono_at_the_lines_rate(tmp_path, rate, channels):
    samples = np.repeat(tone(rate, 0.5), channels)
    pcm = np.frombuffer(read_wav(write(tmp_path / "in.wav", samples, rate, channels)), np.int16)
    assert len(pcm) == SAMPLE_RATE // 2
    assert 7000 < np.abs(pcm).max() < 9000


@pytest.mark.parametrize("content", [None, b"not a wav"], ids=["missing", "no wav"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "in.wav"
    if content:
        path.write_bytes(content)
    with pytest.raises(AudioDeviceError, match=r"in\.wav is not a readable WAV file"):
        WavFiles(path, None)


def test_samples_other_than_16_bit_are_refused(tmp_path):
    path = write(tmp_path / "in.wav", np.zeros(10, np.uint8), 8000, width=1)
    with pytest.raises(AudioDeviceError, match="not 16-bit PCM"):
        read_wav(path)


def test_what_is_written_can_be_read_again(tmp_path):
    pcm = tone(SAMPLE_RATE, 0.1).tobytes()
    write_wav(tmp_path / "new" / "out.wav", pcm)
    assert read_wav(tmp_path / "new" / "out.wav") == pcm


def test_the_loudspeaker_fills_a_block_with_silence():
    loudspeaker = Loudspeaker()
    loudspeaker.add(b"\1" * 100)
    assert loudspeaker.take() == b"\1" * 100 + bytes(860)
    assert loudspeaker.empty.is_set()


def test_no_portaudio_is_one_clear_line(monkeypatch, capsys):
    real = builtins.__import__

    def no_portaudio(name, *args, **kwargs):
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_portaudio)
    assert main(["mic"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "PortAudio is missing" in line
    assert "--input" in line


def test_no_device_is_one_clear_line(monkeypatch):
    class PortAudioError(Exception):
        pass

    def nothing(**_settings):
        raise PortAudioError("Error querying device -1")

    fake = SimpleNamespace(PortAudioError=PortAudioError, check_input_settings=nothing)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    with pytest.raises(AudioDeviceError, match="No microphone and loudspeaker"):
        SoundCard()


def test_output_without_input_is_a_usage_error():
    with pytest.raises(SystemExit) as usage:
        main(["mic", "--output", "out.wav"])
    assert usage.value.code == 2


@pytest.mark.call
async def test_a_call_with_wav_files_is_answered_and_ends_by_itself(tmp_path):
    source = write(tmp_path / "in.wav", np.zeros(2400, np.int16), SAMPLE_RATE)
    async with model() as emulator, service(emulator.url) as running:
        line = MicrophoneLine(WavFiles(source, tmp_path / "out.wav", quiet_s=0.5))
        call = running.switchboard.calls.admit()
        await asyncio.wait_for(call.run(line), PATIENCE_S)
    heard = np.frombuffer(read_wav(tmp_path / "out.wav"), np.int16)
    loud_s = np.count_nonzero(np.abs(heard) > 500) / SAMPLE_RATE
    assert loud_s > 1, "the greeting is in it"
    assert call.reason == "caller"
