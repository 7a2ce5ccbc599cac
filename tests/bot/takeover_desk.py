"""A service whose operators take calls over, and what was said and heard in them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
from httpx import AsyncClient

from emulators.hearing import Hints
from emulators.realtime import RealtimeEmulator
from emulators.realtime.hints import HintSource
from emulators.speech_espeak import EspeakSpeech
from processors.realtime.transcriber import EAR
from tests.bot.call_sound import RATE, Sound
from tests.bot.events import events_of
from tests.bot.phone import STOP
from tests.bot.service import Service, service
from tests.bot.test_phone_calls import Handset, handset
from tests.emulators.recalling_mind import RecallingMind
from tests.emulators.standins import ToneSpeech

DESK = {"Authorization": "Bearer a-key-of-the-operators-at-the-desk"}
OTHER = {"Authorization": "Bearer a-key-of-somebody-else-at-a-desk"}
READER = {"Authorization": "Bearer a-key-of-the-screen-upon-the-wall"}
KEYS = ",".join(
    f"{name}:{headers['Authorization'].replace('Bearer ', '')}"
    for name, headers in (("desk:operate", DESK), ("other:operate", OTHER), ("wall:read", READER))
)
LINE_RATE = 24_000
AGENT_HZ = 200 + 20 * (sum(map(ord, "marin")) % 10)
"""Of `ToneSpeech` in the voice of the agent who answers."""
CALLER, OPERATOR = "the caller", "an operator"
OPERATOR_HZ, OPERATOR_SAID = 1333, "You get a full refund by Friday"


class WhoSpeaks(HintSource):
    """Tells the ear of sessions that write an operator down from those that callers talk with."""

    def for_session(self, instructions, tools):
        return Hints((OPERATOR if instructions == EAR.instructions else CALLER,))


class HearingBySide:
    """The operator, and the caller, are heard saying lines of their own."""

    def __init__(self, *, caller: Sequence[str], operator: Sequence[str]) -> None:
        self._lines = {CALLER: iter(caller), OPERATOR: iter(operator)}

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        [who] = hints.phrases
        return next(self._lines[who], "")

    async def close(self) -> None:
        pass


async def speech(text: str) -> bytes:
    """Words that the emulated model's ear takes for speech."""
    pcm = bytearray()
    async for chunk in EspeakSpeech().speak(text, voice="caller", sample_rate=LINE_RATE):
        pcm += chunk.pcm
    return bytes(pcm)


@asynccontextmanager
async def takeover_service(
    *, caller: Sequence[str] = (), said: Sequence[str] = (), **settings
) -> AsyncIterator[tuple[Service, AsyncClient, list]]:
    emulator = RealtimeEmulator(
        mind=RecallingMind(),
        speech=ToneSpeech(),
        hearing=HearingBySide(caller=caller, operator=said),
        hints=WhoSpeaks(),
    )
    async with (
        emulator,
        service(
            emulator.url,
            api_keys=KEYS,
            caller_idle_s=0,
            answer_timeout_s=0,
            **settings,
        ) as running,
        events_of(running) as events,
        AsyncClient(base_url=running.http, headers=DESK) as client,
    ):
        yield running, client, events


@asynccontextmanager
async def talking(running: Service) -> AsyncIterator[tuple[Handset, str]]:
    """A phone call in which the agent has begun to speak, and its id."""
    async with handset(running) as phone:
        listening = asyncio.create_task(phone.listens())
        await phone.chunk_heard.wait()
        [call_id] = running.switchboard.calls.live
        yield phone, call_id
        if phone.socket.close_code is None:
            await phone.says(STOP)
        await listening


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def has(events, kind, **fields):
    return any(
        all(getattr(event, name) == value for name, value in fields.items())
        for event in of(events, kind)
    )


def level_at(hertz: float, sound: Sound) -> float:
    """Mean energy of a sample within 25 Hz of a pitch."""
    spectrum = np.abs(np.fft.rfft(sound.astype(float))) ** 2
    near = np.abs(np.fft.rfftfreq(len(sound), 1 / RATE) - hertz) < 25
    return float(spectrum[near].sum()) / len(sound) ** 2


def share_at(hertz: float, sound: Sound) -> float:
    """How much of a sound's energy lies at a pitch, 0 to 1."""
    total = float((sound.astype(float) ** 2).mean()) / 2
    return level_at(hertz, sound) / total if total else 0.0
