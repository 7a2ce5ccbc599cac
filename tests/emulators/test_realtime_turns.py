"""Turn detection: when a turn begins and ends, and what the session does about it."""

import asyncio

import numpy as np
import pytest

from emulators.realtime import RealtimeEmulator
from emulators.realtime.formats import PCMA, PCMU
from emulators.realtime.idle import IdleTimer
from emulators.realtime.minds.script import script_from
from emulators.realtime.vad import WINDOW, WINDOW_MS, SpeechDetector, silence_ms
from tests.emulators.realtime_client import client, silence
from tests.emulators.standins import ScriptedHearing, ToneSpeech
from tests.patience import PATIENCE_S

LONG = " ".join(["word"] * 100)
SCRIPT = {
    "opening": [{"say": "Hello."}],
    "turns": [{"match": "long", "do": [{"say": LONG}]}, {"do": [{"say": "Yes."}]}],
    "loop": True,
}
HEARD = "i need a hotel in paris"


def serve(lines=(HEARD, HEARD), **options):
    mind, hearing = script_from(SCRIPT), ScriptedHearing(lines)
    return RealtimeEmulator(mind=mind, speech=ToneSpeech(), hearing=hearing, **options)


def vad(**options):
    return {"input": {"turn_detection": {"type": "server_vad", **options}}}


async def turn(caller):
    """Where the next turn starts and ends, in ms."""
    started = await caller.until("input_audio_buffer.speech_started")
    stopped = await caller.until("input_audio_buffer.speech_stopped")
    assert started["item_id"] == stopped["item_id"]
    return started["audio_start_ms"], stopped["audio_end_ms"]


async def test_a_turn_starts_with_the_padding_and_ends_with_the_silence(question):
    async with serve() as emulator, client(emulator) as caller:
        speech_ms = len(question) / 48
        await caller.append(silence(1000) + question + silence(1000))
        start, end = await turn(caller)
        assert start == pytest.approx(1000 - 300, abs=150)
        assert end == pytest.approx(1000 + speech_ms + 500, abs=250)
        heard_ms = emulator._engine.hearing.heard_ms
        await caller.response_done()
        assert heard_ms == [pytest.approx(end - start, abs=2)]


async def test_the_padding_is_as_configured(question):
    starts = []
    for padding in (0, 600):
        async with serve() as emulator, client(emulator) as caller:
            await caller.update(audio=vad(prefix_padding_ms=padding))
            await caller.append(silence(1000) + question + silence(700))
            starts.append((await turn(caller))[0])
    assert starts[0] - starts[1] == pytest.approx(600, abs=WINDOW_MS)


async def test_a_longer_silence_bridges_a_pause(question):
    paused = question + silence(800) + question + silence(1600)
    turns = []
    for pause_ms in (500, 1500):
        async with serve() as emulator, client(emulator) as caller:
            await caller.update(audio=vad(silence_duration_ms=pause_ms, create_response=False))
            await caller.append(paused)
            await caller.update()
            turns.append(len(caller.of("input_audio_buffer.speech_stopped")))
    assert turns == [2, 1]


async def test_a_threshold_of_one_hears_nothing(question):
    async with serve() as emulator, client(emulator) as caller:
        await caller.update(audio=vad(threshold=1.0))
        await caller.append(question + silence(700))
        await caller.update()
        assert caller.of("input_audio_buffer.speech_started") == []


async def test_noise_is_not_speech():
    noise = np.random.default_rng(1).normal(0, 1500, 48_000).astype(np.int16).tobytes()
    async with serve() as emulator, client(emulator) as caller:
        await caller.append(noise)
        await caller.update()
        assert caller.of("input_audio_buffer.speech_started") == []


@pytest.mark.parametrize("fmt", [PCMU, PCMA], ids=lambda fmt: fmt.name)
async def test_telephone_audio_is_heard_and_spoken_in_its_own_format(question_8k, fmt):
    async with serve() as emulator, client(emulator) as caller:
        wire = {"type": fmt.name}
        updated = await caller.update(audio={"input": {"format": wire}, "output": {"format": wire}})
        assert updated["audio"]["input"]["format"] == wire
        pcm = question_8k + silence(700, rate=8000)
        for start in range(0, len(pcm), 320):
            await caller.append(fmt.encode(pcm[start : start + 320]))
        answer = (await caller.response_done())["output"][0]
        await caller.send("conversation.item.retrieve", item_id=answer["id"])
        item = (await caller.until("conversation.item.retrieved"))["item"]
        samples = len(item["content"][0]["audio"]) * 3 // 4
        assert samples == pytest.approx(8 * 120, abs=3)  # one word of the stand-in's


async def test_without_create_response_the_turn_is_only_committed(question):
    async with serve() as emulator, client(emulator) as caller:
        await caller.update(audio=vad(create_response=False))
        await caller.append(question + silence(700))
        await caller.until("conversation.item.done")
        await caller.update()
        assert caller.of("response.created") == []


async def speak_over(caller, question):
    await caller.say("tell me something long")
    await caller.send("response.create")
    await caller.until("response.output_audio.delta")
    await caller.append(question + silence(700))


async def test_speech_interrupts_the_response(question):
    async with serve(rate=1) as emulator, client(emulator) as caller:
        await speak_over(caller, question)
        cut = await caller.response_done()
        assert cut["status"] == "cancelled"
        assert cut["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
        message = cut["output"][0]
        assert message["status"] == "incomplete"
        sent = "".join(e["delta"] for e in caller.of("response.output_audio_transcript.delta"))
        assert message["content"][0]["transcript"] == sent
        assert len(sent) < len(LONG)
        assert caller.types().index("input_audio_buffer.speech_started") < caller.types().index(
            "response.output_audio.done"
        )
        assert (await caller.response_done())["status"] == "completed"


async def test_without_interrupt_response_it_goes_on_and_the_next_one_fails(question):
    async with serve(rate=2) as emulator, client(emulator) as caller:
        await caller.update(audio=vad(interrupt_response=False))
        await speak_over(caller, question)
        error = (await caller.until("error"))["error"]
        assert error["code"] == "conversation_already_has_active_response"
        await caller.send("response.cancel")
        assert (await caller.response_done())["status_details"]["reason"] == "client_cancelled"


async def test_an_out_of_band_response_is_not_interrupted(question):
    async with serve(rate=10) as emulator, client(emulator) as caller:
        await caller.say("tell me something long")
        await caller.send("response.create", response={"conversation": "none"})
        beside = (await caller.until("response.created"))["response"]["id"]
        await caller.append(question + silence(700))
        done = [await caller.response_done() for _ in range(2)]
        assert {response["status"] for response in done} == {"completed"}
        assert beside in {response["id"] for response in done}


async def test_manual_turns_are_committed_by_the_client(question):
    async with serve() as emulator, client(emulator) as caller:
        await caller.update(audio={"input": {"turn_detection": None}})
        await caller.append(question + silence(700))
        await caller.send("input_audio_buffer.commit")
        committed = await caller.until("input_audio_buffer.committed")
        assert (await caller.until("conversation.item.done"))["item"]["id"] == committed["item_id"]
        await caller.respond()
        await caller.ask("input_audio_buffer.commit")
        assert "input_audio_buffer.speech_started" not in caller.types()


async def test_cleared_audio_is_gone(question):
    async with serve() as emulator, client(emulator) as caller:
        await caller.update(audio={"input": {"turn_detection": None}})
        await caller.append(question)
        await caller.send("input_audio_buffer.clear")
        await caller.until("input_audio_buffer.cleared")
        assert (await caller.ask("input_audio_buffer.commit"))["code"].endswith("commit_empty")


async def test_a_commit_while_speaking_keeps_the_announced_item(question):
    async with serve(["i need a hotel", "in paris"]) as emulator, client(emulator) as caller:
        await caller.update(audio=vad(create_response=False))
        await caller.append(question[:24_000])
        started = await caller.until("input_audio_buffer.speech_started")
        await caller.send("input_audio_buffer.commit")
        first = await caller.until("input_audio_buffer.committed")
        assert first["item_id"] == started["item_id"]
        await caller.append(question[24_000:] + silence(700))
        second = await caller.until("input_audio_buffer.committed")
        assert second["item_id"] != first["item_id"]
        assert second["previous_item_id"] == first["item_id"]


async def test_an_update_of_something_else_does_not_disturb_speech(question):
    async with serve() as emulator, client(emulator) as caller:
        await caller.append(question[:24_000])
        started = await caller.until("input_audio_buffer.speech_started")
        await caller.update(instructions="Be brief.", audio=vad(create_response=False))
        await caller.append(question[24_000:] + silence(700))
        committed = await caller.until("input_audio_buffer.committed")
        assert committed["item_id"] == started["item_id"]


async def test_transcription_may_come_after_the_response_began(question):
    release = asyncio.Event()

    class SlowHearing(ScriptedHearing):
        async def transcribe(self, pcm, *, sample_rate, hints):
            await release.wait()
            return await super().transcribe(pcm, sample_rate=sample_rate, hints=hints)

    async with (
        RealtimeEmulator(
            mind=script_from(SCRIPT), speech=ToneSpeech(), hearing=SlowHearing([HEARD])
        ) as emulator,
        client(emulator) as caller,
    ):
        await caller.update(audio={"input": {"transcription": {"model": "gpt-4o-transcribe"}}})
        await caller.append(question + silence(700))
        await caller.until("response.created")
        release.set()
        completed = await caller.until("conversation.item.input_audio_transcription.completed")
        assert completed["transcript"] == HEARD
        deltas = caller.of("conversation.item.input_audio_transcription.delta")
        assert "".join(delta["delta"] for delta in deltas) == HEARD
        usage = completed["usage"]
        assert usage["input_tokens"] == usage["input_token_details"]["audio_tokens"]
        await caller.response_done()


async def test_many_sessions_take_turns_at_once(question):
    async def call(emulator):
        async with client(emulator) as caller:
            await caller.append(question + silence(700))
            return (await caller.response_done())["status"]

    async with serve([HEARD] * 12) as emulator:
        done = await asyncio.gather(*(call(emulator) for _ in range(12)))
        assert done == ["completed"] * 12
        await asyncio.wait_for(emulator.all_over(), PATIENCE_S)


class FakeClock:
    """Collects what is scheduled; runs it when told."""

    def __init__(self):
        self.scheduled = []

    def call_later(self, seconds, call):
        entry = [seconds, call]
        self.scheduled.append(entry)
        clock = self

        class Handle:
            def cancel(self):
                clock.scheduled.remove(entry)

        return Handle()

    def run_next(self):
        seconds, call = self.scheduled.pop(0)
        call()
        return seconds


async def test_the_idle_timeout_counts_after_playback_and_commits_the_silence():
    clock = FakeClock()
    async with (
        serve([""], call_later=clock.call_later) as emulator,
        client(emulator) as caller,
    ):
        await caller.update(audio=vad(idle_timeout_ms=6_000))
        await caller.respond()
        await caller.append(silence(200))
        await caller.update()
        assert clock.run_next() == pytest.approx(0.12)  # "Hello.": one word of the stand-in's
        await caller.append(silence(700))
        await caller.update()
        assert clock.run_next() == 6
        timeout = await caller.until("input_audio_buffer.timeout_triggered")
        assert (timeout["audio_start_ms"], timeout["audio_end_ms"]) == (200, 900)
        committed = await caller.until("input_audio_buffer.committed")
        assert committed["item_id"] == timeout["item_id"]
        await caller.until("response.created")


async def test_speech_stops_the_idle_timer(question):
    clock = FakeClock()
    async with (
        serve(call_later=clock.call_later) as emulator,
        client(emulator) as caller,
    ):
        await caller.update(audio=vad(idle_timeout_ms=6_000))
        await caller.respond()
        assert len(clock.scheduled) == 1
        await caller.append(question)
        await caller.until("input_audio_buffer.speech_started")
        assert clock.scheduled == []


def test_a_restarted_idle_timer_forgets_the_old_time():
    clock, fired = FakeClock(), []
    timer = IdleTimer(lambda: 7, fired.append, clock.call_later)
    timer.start(100, 5000)
    timer.start(200, 5000)
    assert [seconds for seconds, _ in clock.scheduled] == [0.2]
    clock.run_next()
    clock.run_next()
    assert fired == [7]


def test_semantic_turns_wait_longer_the_less_eager():
    waits = [
        silence_ms({"type": "semantic_vad", "eagerness": eagerness})
        for eagerness in ("high", "auto", "low")
    ]
    assert 500 < waits[0] < waits[1] < waits[2]


async def test_semantic_vad_is_accepted_and_takes_turns(question):
    async with serve() as emulator, client(emulator) as caller:
        updated = await caller.update(
            audio={"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}}
        )
        assert updated["audio"]["input"]["turn_detection"] == {
            "type": "semantic_vad",
            "eagerness": "high",
            "create_response": True,
            "interrupt_response": True,
        }
        await caller.append(question + silence(1200))
        await caller.response_done()


def detector(likely):
    """A detector that is told how likely each window is speech."""
    told = iter(likely)
    return SpeechDetector(
        16_000, threshold=0.5, silence_ms=320, probability=lambda window: next(told)
    )


def edges(likely):
    audio = bytes(2 * WINDOW * len(likely))
    return [(edge.kind, edge.at_ms // WINDOW_MS) for edge in detector(likely).feed(audio)]


def test_a_click_does_not_start_speech():
    assert edges([0.9, 0.9] + [0.0] * 20) == []


def test_speech_starts_at_its_first_window_and_stops_after_the_silence():
    assert edges([0.0, 0.9, 0.9, 0.9] + [0.0] * 12) == [("started", 1), ("stopped", 14)]


def test_a_dip_within_the_hysteresis_is_still_speech():
    assert edges([0.9] * 3 + [0.4] * 12) == [("started", 0)]


def test_audio_may_come_in_pieces_of_any_size():
    likely = [0.0, 0.9, 0.9, 0.9] + [0.0] * 12
    audio = bytes(2 * WINDOW * len(likely))
    pieces = detector(likely)
    found = [
        edge.kind for start in range(0, len(audio), 70) for edge in pieces.feed(audio[start:][:70])
    ]
    assert found == ["started", "stopped"]
