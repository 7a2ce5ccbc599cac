"""What a telephone notices: speech and silence, turns, and how long everything took."""

import asyncio
import math
import struct
from collections.abc import Iterator

import pytest

from emulators.twilio.caller import Manners, Press, Say, ScriptedCaller, Step, Turn, Wait
from emulators.twilio.ear import Ear, Span, trimmed
from emulators.twilio.frames import SILENT_FRAME, encode
from emulators.twilio.machine_detection import DetectionOptions, MachineDetector
from emulators.twilio.report import Heard, exchanges
from emulators.twilio.telephone import Telephone
from tests.emulators.twilio_app import ToneSpeech, tone

LOUD = tone(0.02)


def listen(*stretches: tuple[bytes, float]) -> Ear:
    ear = Ear()
    for frame, seconds in stretches:
        for _ in range(round(seconds / 0.02)):
            ear.hear(frame)
    return ear


def test_speech_is_found_to_the_sample_at_its_start_and_to_the_frame_at_its_end():
    ear = listen((SILENT_FRAME, 1))
    ear.hear(b"\xff" * 100 + LOUD[:60])
    ear.hear(SILENT_FRAME)
    assert ear.spans == [Span(8100, 8160)]
    assert ear.quiet == 160


def test_a_short_pause_does_not_end_a_stretch_of_speech_and_a_long_one_does():
    together = listen((LOUD, 0.2), (SILENT_FRAME, 0.3), (LOUD, 0.2))
    apart = listen((LOUD, 0.2), (SILENT_FRAME, 0.32), (LOUD, 0.2))
    assert together.spans == [Span(0, 5600)]
    assert apart.spans == [Span(0, 1600), Span(4160, 5760)]


def test_a_faint_noise_is_no_speech():
    assert listen((encode(struct.pack("<160h", *[90, -90] * 80)), 1)).spans == []


def test_a_line_is_cut_to_what_can_be_heard():
    pcm = struct.pack("<6h", 0, 3, 500, -4, 600, 2)
    assert trimmed(pcm) == struct.pack("<3h", 500, -4, 600)
    assert trimmed(b"\0" * 20) == b""


def test_replies_greeting_and_interruptions_are_told_apart():
    turns = [Turn("one", False, 100, 200), Turn("two", False, 500, 600), Turn("3", True, 900, 950)]
    spans = [Span(0, 50), Span(300, 400), Span(420, 530), Span(650, 700)]
    greeting, found = exchanges(turns, spans)
    assert greeting == Heard((Span(0, 50),))
    assert [item.reply for item in found] == [
        Heard((Span(300, 400), Span(420, 530))),
        Heard((Span(650, 700),)),
        None,
    ]
    assert [item.interrupted_until for item in found] == [None, 530, None]


def test_a_call_without_a_turn_has_only_a_greeting():
    assert exchanges([], [Span(10, 20), Span(30, 40)]) == (Heard((Span(10, 20), Span(30, 40))), [])


class Agent:
    """Greets for a second; replies for two, half a second after each turn; can be interrupted."""

    def __init__(self, *, greets: bool = True, replies: bool = True, yields: bool = True) -> None:
        self._speech = [LOUD] * 50 if greets else []
        self._replies = replies
        self._yields = yields
        self._silence: int | None = None

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield self._speech.pop() if self._speech else SILENT_FRAME

    def hear(self, frame: bytes) -> None:
        if frame != SILENT_FRAME:
            self._silence = 0
            if self._yields:
                self._speech.clear()
        elif self._silence is not None:
            self._silence += 1
            if self._silence == 25:
                self._silence = None
                self._speech = [LOUD] * 100 if self._replies else []


async def converse(
    caller: ScriptedCaller, agent: Agent, phone: Telephone | None = None
) -> Telephone:
    """Runs a caller against an agent, in no time."""
    await caller.prepare()
    phone = phone or Telephone()
    talking = asyncio.create_task(caller.talk(phone))
    sounds = iter(agent)
    while phone.position < 8000 * 60:
        for _ in range(8):  # Lets everybody act on the last beat before the next.
            await asyncio.sleep(0)
        if talking.done():
            break
        agent.hear(phone.beat(next(sounds)))
    assert talking.done(), "the caller never came to an end"
    talking.result()
    return phone


def caller(*steps: Step | str, **manners: float | bool) -> ScriptedCaller:
    settings = Manners(**{"quiet_s": 1.0, "patience_s": 4.0, **manners})
    return ScriptedCaller(steps, speech=ToneSpeech(), manners=settings)


async def test_a_caller_waits_for_the_greeting_and_for_each_reply():
    polite = caller("hello", "goodbye")
    phone = await converse(polite, Agent())
    greeting, turns = exchanges(polite.turns, phone.ear.spans)
    assert greeting == Heard((Span(0, 8000),))
    assert [(item.turn.text, item.turn.start) for item in turns] == [
        ("hello", 16_000),
        ("goodbye", 16_000 + 4000 + 4000 + 16_000 + 8000),
    ]
    # The agent notices the end 25 frames later and is heard from the frame after that.
    assert [item.reply.start - item.turn.end for item in turns] == [4000, 4000]
    assert phone.position == turns[1].reply.end + 8000


async def test_what_a_caller_says_goes_out_sample_by_sample():
    polite = caller("hello")
    phone = await converse(polite, Agent())
    turn = polite.turns[0]
    assert phone.said[turn.start : turn.end] == tone(0.5)
    assert set(phone.said[: turn.start]) == {0xFF}


async def test_a_caller_who_interrupts_does_not_wait_for_the_end():
    rude = caller("hello", Say("stop", interrupt_after_s=0.5))
    phone = await converse(rude, Agent())
    _, turns = exchanges(rude.turns, phone.ear.spans)
    assert turns[1].turn.start == turns[0].reply.start + 4000 + 160
    assert turns[0].interrupted_until is None
    assert turns[1].interrupted_until - turns[1].turn.start == 160
    assert turns[1].reply is not None


async def test_an_agent_that_does_not_yield_is_seen_to_talk_on():
    rude = caller("hello", Say("stop", interrupt_after_s=0.5))
    phone = await converse(rude, Agent(yields=False))
    _, turns = exchanges(rude.turns, phone.ear.spans)
    assert turns[1].interrupted_until >= turns[1].turn.end


async def test_a_caller_runs_out_of_patience_with_a_silent_agent():
    patient = caller("hello", "are you there")
    phone = await converse(patient, Agent(greets=False, replies=False))
    _, turns = exchanges(patient.turns, phone.ear.spans)
    assert [item.reply for item in turns] == [None, None]
    assert turns[0].turn.start == 8000 * 4
    assert turns[1].turn.start == turns[0].turn.end + 8000 * 4


async def test_a_caller_may_speak_first():
    eager = caller("hello", listens_first=False)
    await converse(eager, Agent())
    assert eager.turns[0].start == 0


async def test_a_caller_presses_keys_waits_and_hangs_up_at_a_given_time():
    pressed = []
    phone = Telephone()
    phone.on_key = lambda key: pressed.append((key, phone.position))
    typist = ScriptedCaller([Press("1#"), Wait(100)], hang_up_after_s=5)
    await converse(typist, Agent(), phone)
    assert pressed == [("1", 8000 + 9600), ("#", 8000 + 9600 + 1600)]
    assert phone.position == 8000 * 5


async def test_a_key_that_no_telephone_has_is_refused():
    with pytest.raises(ValueError, match="no key 'x'"):
        await Telephone().press("1x")


def sine(hertz: float, seconds: float) -> bytes:
    count = round(8000 * seconds)
    wave = [round(8000 * math.sin(2 * math.pi * hertz * index / 8000)) for index in range(count)]
    return encode(struct.pack(f"<{count}h", *wave))


def babble(seconds: float) -> bytes:
    """Loud, and not at one frequency."""
    return encode(struct.pack("<160h", *[(index * 7919) % 9000 - 4500 for index in range(160)])) * (
        round(seconds / 0.02)
    )


def silence(seconds: float) -> bytes:
    return SILENT_FRAME * round(seconds / 0.02)


@pytest.mark.parametrize(
    ("mode", "sound", "answered_by", "after_ms"),
    [
        ("Enable", babble(0.6) + silence(3), "human", 1800),
        ("Enable", babble(2) + silence(0.6) + babble(2), "machine_start", 2620),
        ("Enable", silence(10), "unknown", 5000),
        ("DetectMessageEnd", babble(0.6) + silence(3), "human", 1800),
        (
            "DetectMessageEnd",
            babble(5) + silence(0.5) + sine(1000, 0.5) + silence(2),
            "machine_end_beep",
            5660,
        ),
        ("DetectMessageEnd", babble(5) + silence(3), "machine_end_silence", 6200),
        ("DetectMessageEnd", babble(40), "machine_end_other", 30_000),
    ],
)
def test_what_picked_up_is_told_by_its_greeting(
    mode: str, sound: bytes, answered_by: str, after_ms: int
):
    detector = MachineDetector(DetectionOptions(mode=mode))
    for index in range(0, len(sound), 160):
        detector.hear(sound[index : index + 160])
    assert detector.result is not None
    assert detector.result.answered_by == answered_by
    assert detector.result.duration_ms == pytest.approx(after_ms, abs=40)


def test_a_call_that_ends_too_soon_was_answered_by_nobody_known():
    detector = MachineDetector(DetectionOptions())
    for _ in range(10):
        detector.hear(LOUD)
    assert detector.give_up().answered_by == "unknown"
