"""Recordings of whole calls: what was said when it was heard, consent, and a disk that fails."""

import asyncio
import errno
import wave
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from httpx import AsyncClient

from bot.recording.encoders import WavEncoder
from bot.recording.wording import NOTICE, QUESTION
from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from processors.events.calls import CallEnded, Problem
from processors.events.conversation import AgentTranscript
from processors.events.event import Event
from processors.events.recording import Consent, RecordingFinished, RecordingStarted
from tests.bot.browser import READY, protobuf_audio, socket_page
from tests.bot.call_sound import Sound, heard, lag_ms, later, loud_ms, said
from tests.bot.events import events_of
from tests.bot.service import Service, model, service, until
from tests.bot.test_listen import TALK, assert_cut
from tests.bot.test_phone_calls import STOP, handset
from tests.reliability.beat import beating


def of_type(events: list[Event], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def channels(path: Path, rate: int = 8000) -> tuple[Sound, Sound]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, rate)
        both = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@pytest.mark.call
async def test_a_call_is_recorded_as_the_telephone_had_it_and_the_interruption_cut():
    async with (
        beating(waits=True) as clock,
        Carrier(clock=clock) as carrier,
        model(TALK, ["tell me", "stop it now"]) as emulator,
        service(
            emulator.url,
            recording="on",
            recording_format="wav",
            answer_timeout_s=0,
            caller_idle_s=0,
        ) as running,
        events_of(running) as events,
    ):
        caller = ScriptedCaller(
            [Say("Please tell me the numbers"), Say("Stop it now", interrupt_after_s=0.5)],
            manners=Manners(quiet_s=0.5, linger_s=0.2),
        )
        live = await carrier.call(f"{running.http}/twilio/voice", caller)
        await until(lambda: not running.switchboard.calls.live)
        await until(lambda: len(files_of(running)) == 1)
        (path,) = files_of(running)
        left, right = channels(path)
    (finished,) = of_type(events, RecordingFinished)
    (ended,) = of_type(events, CallEnded)
    assert finished.sequence < ended.sequence
    assert finished.file == f"{finished.call_id}.wav"
    assert finished.duration_s == pytest.approx(len(left) / 8000)
    # The recording begins at another moment than the telephone: both sides alike.
    since = later(heard(live), lag_ms(left, said(live)))
    assert abs(lag_ms(right, since)) < 40
    assert loud_ms(right) == pytest.approx(loud_ms(since), abs=60)
    assert_cut(events, live)


def files_of(running: Service) -> list[Path]:
    return sorted((running.switchboard.settings.data_dir / "recordings").glob("*.wav"))


@asynccontextmanager
async def recorded_call(script: str, **settings: Any):
    """A call by a handset to a model that follows ``script``; what happened is known at the end."""
    async with (
        model(script) as emulator,
        service(emulator.url, recording_format="wav", **settings) as running,
        events_of(running) as events,
    ):
        async with handset(running) as phone:
            listening = asyncio.create_task(phone.listens())
            await phone.chunk_heard.wait()
            (call,) = running.switchboard.calls.live.values()
            yield running, call, events
            await phone.says(STOP)
            await listening
        await until(lambda: not running.switchboard.calls.live)


async def test_nothing_is_written_before_the_caller_agrees():
    async with recorded_call("turns: []\nopening: [{say: Hello}]", recording="consent") as (
        running,
        call,
        events,
    ):
        folder = running.switchboard.settings.data_dir / "recordings"
        assert not folder.exists()
        async with AsyncClient(base_url=running.http) as client:
            forced = await client.post(f"/api/calls/{call.id}/recording", json={"action": "start"})
        assert forced.status_code == 409
        assert "agreed" in forced.json()["detail"]
        await call.recording.consent(granted=True)
        await until(lambda: [p.suffix for p in folder.glob("*")] == [".part"])
        await call.recording.consent(granted=False)
        assert [path.name for path in folder.iterdir()] == [f"{call.id}.wav"]
        with_consent_withdrawn = call.recording.is_recording
    assert not with_consent_withdrawn
    assert [e.granted for e in of_type(events, Consent)] == [True, False]
    assert len(of_type(events, RecordingStarted)) == len(of_type(events, RecordingFinished)) == 1


@pytest.mark.parametrize(("mode", "line"), [("consent", QUESTION), ("announce", NOTICE)])
async def test_callers_are_told_with_the_first_words(mode, line):
    async with recorded_call("turns: []\nopening: [{say: Hello}]", recording=mode) as (
        running,
        call,
        events,
    ):
        with running.switchboard.bus.subscribe(call_id=call.id) as later:
            async for event in later:
                if isinstance(event, AgentTranscript) and event.final:
                    break
        recording = call.recording.is_recording
    greeting = next(e.text for e in of_type(events, AgentTranscript) if e.final)
    assert line in greeting
    assert recording == (mode == "announce")


async def test_a_failing_disk_ends_the_recording_and_not_the_call(monkeypatch):
    def full(self: WavEncoder, block: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(WavEncoder, "write", full)
    monkeypatch.setattr("bot.recording.recorder.SETTLE_S", 0.0)
    async with recorded_call("turns: []\nopening: [{say: Hello}]", recording="on") as (
        running,
        call,
        events,
    ):
        await until(lambda: not call.recording.is_recording)
        assert not call.ended.is_set()
        async with AsyncClient(base_url=running.http) as client:
            url = f"/api/calls/{call.id}/recording"
            assert (await client.post(url, json={"action": "stop"})).status_code == 409
            monkeypatch.undo()
            assert (await client.post(url, json={"action": "start"})).status_code == 200
        assert call.recording.is_recording, "there is space again"
    (problem,) = [e for e in of_type(events, Problem) if e.source == "recording"]
    assert "No space left" in problem.message
    assert not problem.fatal
    assert [e.reason for e in of_type(events, CallEnded)] == ["caller"]
    assert of_type(events, RecordingFinished)[-1].file == f"{call.id}-2.wav"


async def test_a_browsers_call_is_recorded_in_the_quality_that_it_has():
    tone = (np.sin(np.arange(480) * 2 * np.pi * 500 / 24_000) * 8000).astype(np.int16)
    async with (
        model("turns: []\nopening: [{say: Hello there}]") as emulator,
        service(emulator.url, recording="on", recording_format="wav") as running,
        events_of(running) as events,
    ):
        async with socket_page(running) as page:
            await page.tell(READY)
            await page.sees("agent.transcript", final=True)
            for _ in range(50):
                await page.socket.send(protobuf_audio(tone.tobytes(), 24_000))
            (call,) = running.switchboard.calls.live.values()
            await until(lambda: call.audio.quality.figures() is not None)
        await until(lambda: not running.switchboard.calls.live)
        (path,) = files_of(running)
        left, right = channels(path, rate=24_000)
    (finished,) = of_type(events, RecordingFinished)
    assert finished.duration_s == pytest.approx(len(left) / 24_000)
    # What arrived, all of it; the page spoke for a second.
    assert np.count_nonzero(np.abs(left) > 100) == pytest.approx(24_000, rel=0.05)
    assert np.abs(right).max() > 5000, "the greeting"


async def test_a_recording_is_stopped_started_fetched_in_part_and_deleted():
    keys = f"op:operate:{'o' * 40},boss:admin:{'a' * 40},eye:read:{'r' * 40}"
    read, operate, admin = ({"Authorization": f"Bearer {k * 40}"} for k in "roa")
    async with recorded_call(
        "turns: []\nopening: [{say: Hello}]", recording="on", api_keys=keys
    ) as (running, call, events):
        url = f"/api/calls/{call.id}/recording"
        async with AsyncClient(base_url=running.http, headers=operate) as client:
            stopped = await client.post(url, json={"action": "stop"})
            assert stopped.json() == {"call_id": call.id, "recording": False}
            assert (await client.post(url, json={"action": "stop"})).status_code == 409
            assert (await client.post(url, json={"action": "start"})).status_code == 200
            assert (await client.post(url, json={"action": "stop"})).status_code == 200
            assert (
                await client.post(url, json={"action": "stop"}, headers=read)
            ).status_code == 403
            whole = await client.get(url, headers=read)
            assert (whole.headers["content-type"], whole.headers["x-recordings"]) == (
                "audio/wav",
                "2",
            )
            some = await client.get(url, headers={**read, "Range": "bytes=0-43"})
            assert (some.status_code, some.content) == (206, whole.content[:44])
            assert (await client.get(f"{url}?part=2", headers=read)).status_code == 200
            assert (await client.get(f"{url}?part=3", headers=read)).status_code == 404
            assert (await client.delete(url)).status_code == 403
            assert (await client.delete(url, headers=admin)).status_code == 204
            assert (await client.get(url, headers=read)).status_code == 404
            odd = await client.get("/api/calls/..%2f..%2fetc/recording", headers=read)
            assert odd.status_code == 404
    assert [e.file for e in of_type(events, RecordingFinished)] == [
        f"{call.id}.wav",
        f"{call.id}-2.wav",
    ]


async def test_a_call_that_is_deleted_takes_everything_that_was_recorded_with_it():
    async with (
        model("turns: []\nopening: [{say: Hello}]") as emulator,
        service(emulator.url, recording="on", recording_format="wav") as running,
        AsyncClient(base_url=running.http) as client,
    ):
        async with handset(running) as phone:
            listening = asyncio.create_task(phone.listens())
            await phone.chunk_heard.wait()
            (call,) = running.switchboard.calls.live.values()
            url = f"/api/calls/{call.id}"
            assert (await client.delete(url)).status_code == 409, "it is live"
            await client.post(f"{url}/recording", json={"action": "stop"})
            await client.post(f"{url}/recording", json={"action": "start"})
            await phone.says(STOP)
            await listening
        await until(lambda: not running.switchboard.calls.live)
        folder = running.switchboard.settings.data_dir / "recordings"
        assert {path.name for path in folder.iterdir()} == {f"{call.id}.wav", f"{call.id}-2.wav"}
        (folder / f"{call.id}-3.wav.part").write_bytes(b"what a full disk left behind")
        others = {f"call_{'1' * 32}.wav", "notes.txt"}
        for name in others:
            (folder / name).write_bytes(b"another's")
        await running.switchboard.records.caught_up(10)
        recording = (await client.get(url)).json()["recording"]
        assert (recording["file"], recording["available"]) == (f"{call.id}-2.wav", True)
        (folder / f"{call.id}-2.wav").unlink()
        assert not (await client.get(url)).json()["recording"]["available"]
        assert (await client.delete(url)).status_code == 204
        assert {path.name for path in folder.iterdir()} == others
        assert (await client.get(f"{url}/recording")).status_code == 404
