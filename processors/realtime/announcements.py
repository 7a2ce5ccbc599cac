"""Lines of our own: recorded ahead of time, for when no model can speak them."""

import asyncio
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from agents.team import Agent
from processors.realtime.audio import PCM
from processors.realtime.connection import Connect, ConnectError, open_websocket
from processors.realtime.endpoints import Endpoint
from processors.realtime.server_events import (
    AgentTextDelta,
    AudioDelta,
    Lost,
    Refused,
    ResponseDone,
    ServerEvent,
)
from processors.realtime.session import Session, SessionError
from processors.realtime.wording import spoken_line

TIMEOUT_S = 30.0
LIKENESS = 0.85
"""How alike the words asked for and the words said have to be: "I'm" for "I am" is all right."""

MANNER = "You read out an announcement word for word, adding nothing and leaving nothing out."


@dataclass(frozen=True, slots=True)
class Clip:
    """A line as it is played: mono PCM16 of ``sample_rate``, and the words that it says."""

    text: str
    pcm: bytes
    sample_rate: int


class RecordingError(Exception):
    """The model did not say the line. The message says what it did instead."""


async def record(
    text: str, *, voice: str, endpoint: Endpoint, connect: Connect = open_websocket
) -> Clip:
    """Has the model at ``endpoint`` say ``text``, in a session of its own; 24 kHz.

    It is the way on which agents speak, so whoever can serve a call can make its announcements.

    Raises:
        RecordingError: It can't be reached, refuses, or says something else.
    """
    speaker = Agent(name="announcer", description="", instructions=MANNER, voice=voice)
    take = _Take()
    try:
        connection = await connect(endpoint)
        session = Session(connection, endpoint, speaker, take.note)
        try:
            await session.configure(_configuration(speaker), ())
            request = spoken_line(text, manner=MANNER, is_exact=True)
            session.request_response(request)
            async with asyncio.timeout(TIMEOUT_S):
                await take.over.wait()
        finally:
            await session.close()
    except (ConnectError, SessionError) as error:
        raise RecordingError(str(error)) from error
    except TimeoutError:
        raise RecordingError(f"{endpoint.name} said no line within {TIMEOUT_S:g} s") from None
    said = "".join(take.words)
    if take.problem or not take.audio or not alike(text, said):
        raise RecordingError(f"{endpoint.name} {take.problem or f'said {said!r} instead'}")
    return Clip(text, bytes(take.audio), PCM.sample_rate)


def alike(wanted: str, said: str) -> bool:
    """Whether the words are the same, give or take a contraction."""
    one, other = (re.findall(r"\w+", text.lower()) for text in (wanted, said))
    return SequenceMatcher(None, one, other).ratio() >= LIKENESS


class _Take:
    """What comes of one recording."""

    def __init__(self) -> None:
        self.audio = bytearray()
        self.words: list[str] = []
        self.problem = ""
        self.over = asyncio.Event()

    async def note(self, _session: Session, event: ServerEvent) -> None:
        match event:
            case AudioDelta():
                self.audio += PCM.decode(event.payload)
            case AgentTextDelta():
                self.words.append(event.delta)
            case ResponseDone(status="completed"):
                self.over.set()
            case ResponseDone():
                self._end(f"ended the response as {event.status}")
            case Refused(error):
                self._end(f"refused it: {error.message}")
            case Lost(reason):
                self._end(f"went away: {reason}")

    def _end(self, problem: str) -> None:
        self.problem = self.problem or problem
        self.over.set()


def _configuration(speaker: Agent) -> dict[str, object]:
    return {
        "type": "realtime",
        "instructions": speaker.instructions,
        "output_modalities": ["audio"],
        "audio": {
            "input": {"format": PCM.payload, "turn_detection": None},
            "output": {"format": PCM.payload, "voice": speaker.voice},
        },
    }
