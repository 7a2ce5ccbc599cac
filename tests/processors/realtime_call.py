"""A call's Realtime side, run without a pipeline against the fake server."""

import asyncio
from typing import Self

from pipecat.frames.frames import InterruptionFrame, TTSAudioRawFrame

from agents.team import Agent, Team
from processors.call_control import end_call_tool
from processors.playback import Playback
from processors.realtime.conductor import Conductor
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import SessionOptions
from processors.realtime.parts import Parts
from processors.realtime.policy import CallPolicy
from processors.tools import Tool, ToolResult
from tests.processors.fake_realtime import FakeRealtime

RATE = 8000

TEAM = Team(
    name="test",
    title="Test",
    agents=(
        Agent(
            name="front",
            description="Answers.",
            instructions="You are the front desk.",
            voice="marin",
            greeting="Hello.",
            handoffs=("hotels", "twin"),
            consults=("hotels",),
        ),
        Agent(
            name="hotels",
            description="Books hotels.",
            instructions="You book hotels.",
            voice="cedar",
            handoffs=("front",),
        ),
        Agent(name="twin", description="Sounds alike.", instructions="Twin.", voice="marin"),
    ),
)


def tool(name, run=None, **options):
    async def answer(call):
        return ToolResult(f"{name} done")

    parameters = options.pop("parameters", {"type": "object"})
    return Tool(name, f"Does {name}.", parameters, run or answer, **options)


async def settle():
    """Lets everything happen that can happen without time passing."""
    await asyncio.sleep(0.001)


class RealtimeCall:
    """``async with RealtimeCall() as call``: the call runs, its first session is being opened."""

    def __init__(
        self,
        *,
        tools=(),
        endpoints=1,
        team=TEAM,
        options=None,
        policy=None,
        rtvi=False,
        chat=None,
        moderation=None,
        hold=None,
    ):
        self.fake = FakeRealtime()
        self.playback = Playback(RATE)
        self.events = []
        self.frames = []
        self.ended = []
        self.unavailable = []
        tools = [*tools, end_call_tool()]

        async def tools_of(agent):
            return tools

        async def push(frame):
            self.frames.append(frame)

        async def broadcast(kind):
            self.frames.append(kind())
            if kind is InterruptionFrame:
                self.playback.cleared()

        async def on_end(reason):
            self.ended.append(reason)

        async def on_unavailable(reason):
            self.unavailable.append(reason)

        self.conductor = Conductor(
            Parts(
                team,
                call_id="call-1",
                endpoints=[Endpoint(f"e{i}", "ws://x", "key", "m") for i in range(endpoints)],
                options=options or SessionOptions(),
                policy=policy or CallPolicy(idle_s=None, answer_s=None),
                chat=chat,
                moderation=moderation,
                tools=tools_of,
                playback=self.playback,
                emit=self.events.append,
                sample_rate=RATE,
                on_end=on_end,
                on_unavailable=on_unavailable,
                hold=hold,
                rtvi=rtvi,
                connect=self.fake.connect,
                push=push,
                broadcast=broadcast,
            )
        )

    async def __aenter__(self) -> Self:
        self.conductor.start()
        return self

    async def __aexit__(self, *_):
        await self.conductor.close()

    async def greeted(self):
        """The server of the first session, after the greeting was said and heard."""
        server = await self.fake.connection()
        await server.asked_to_respond()
        server.say("Hello.", 1000)
        server.finish()
        await settle()
        self.hear(1000)
        return server

    def hear(self, ms):
        """The caller has heard so much more."""
        self.playback.played(RATE * ms // 1000)

    def speak(self, ms):
        """The caller's line carries so much more audio."""
        for _ in range(ms // 20):
            self.conductor.hear(bytes(320))

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def audio_ms(self):
        frames = [f for f in self.frames if isinstance(f, TTSAudioRawFrame)]
        return sum(len(f.audio) for f in frames) * 1000 // (2 * RATE)

    @property
    def was_interrupted(self):
        return any(isinstance(frame, InterruptionFrame) for frame in self.frames)
