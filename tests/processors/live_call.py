"""A call over GPT-Live without a pipeline: a server in memory, and all that came of the call."""

import asyncio
from base64 import b64encode
from dataclasses import replace

from pipecat.frames.frames import TTSAudioRawFrame

from agents import Guardrail
from processors.call_control import end_call_tool
from processors.events.conversation import AgentTranscript, LineHeld
from processors.live.conversation import Conversation
from processors.playback import Playback
from processors.realtime.announcements import Clip
from processors.realtime.connection import ConnectError, ConnectionLostError
from processors.realtime.endpoints import Endpoint
from processors.realtime.policy import CallPolicy
from tests.processors.realtime_call import RATE, TEAM, settle

SPEECH = b64encode(b"\x20" * 1600).decode()
CLIP = Clip("One moment, please.", bytes(2 * RATE), RATE)
SILENCE = b64encode(b"\xff" * 1600).decode()


class FakeLive:
    """One connection, which starts the session by itself."""

    dropped_audio = 0
    waiting_audio = 0
    is_there = True
    probes = 0

    def __init__(self):
        self.sent = []
        self.audio = []
        self.is_closed = False
        self._events = asyncio.Queue()

    def send(self, event):
        self.sent.append(event)
        if event["type"] == "session.start":
            session = {"id": "live_1", "expires_at": 4102444800}
            self.emit("session.started", session=session)
        if event["type"] == "session.close":
            self.emit("session.closed", reason="close_requested", usage={"seconds": 30})

    def send_audio(self, payload):
        self.audio.append(payload)

    async def receive(self):
        event = await self._events.get()
        if isinstance(event, Exception):
            raise event
        return event

    async def probe(self):
        self.probes += 1
        if not self.is_there:
            self.lose()
        return self.is_there

    async def close(self):
        self.is_closed = True

    def emit(self, kind, **fields):
        self._events.put_nowait({"type": kind, "event_id": "e", **fields})

    def lose(self):
        self._events.put_nowait(ConnectionLostError("1011"))

    def speak(self, words, frames=2):
        for index in range(frames):
            if not index:
                self.emit("session.output_transcript.delta", delta=words, start_ms=0, end_ms=200)
            self.emit("session.output_audio.delta", delta=SPEECH)

    def hear(self, words):
        self.emit("session.input_transcript.delta", delta=words, start_ms=0, end_ms=200)

    def call(self, name, arguments="{}", call_id="call_1"):
        where = {"delegation_id": "dlg_1"}
        item = {"id": "fc", "type": "function_call", "status": "completed", "name": name}
        item |= {"call_id": call_id, "arguments": arguments}
        inner = {"type": "response.output_item.done", "item": item}
        self.emit("response.event", **where, event=inner)
        self.emit("response.event", **where, event={"type": "response.completed", "response": {}})

    def told(self, channel):
        kind = f"session.{channel}.append"
        return [event["content"] for event in self.sent if event["type"] == kind]

    def outputs(self):
        items = [e["item"] for e in self.sent if e["type"] == "response.item.create"]
        return {item["call_id"]: item["output"] for item in items}

    def count(self, kind):
        return sum(event["type"] == kind for event in self.sent)


class LiveCall:
    """``async with LiveCall() as call``: the first session is open."""

    def __init__(
        self, *, tools=(), idle_s=None, first_words_s=None, team=TEAM, hold=None, moderation=None
    ):
        self.servers = []
        self.refuses = False
        self.refusals = 0
        self.playback = Playback(RATE)
        self.events, self.frames, self.ended, self.unavailable = [], [], [], []
        tools = [*tools, end_call_tool()]

        async def connect(endpoint):
            if self.refuses or self.refusals:
                self.refusals = max(0, self.refusals - 1)
                raise ConnectError("refused", is_permanent=self.refuses)
            self.servers.append(FakeLive())
            return self.servers[-1]

        async def tools_of(agent):
            return tools

        async def push(frame):
            self.frames.append(frame)
            if isinstance(frame, TTSAudioRawFrame):
                # A line that plays everything at once.
                self.playback.played(len(frame.audio) // 2, frame.audio)

        async def broadcast(kind):
            self.frames.append(kind())

        async def on_end(reason):
            self.ended.append(reason)

        async def on_unavailable(reason):
            self.unavailable.append(reason)

        self.conversation = Conversation(
            team,
            call_id="call-1",
            endpoint=Endpoint("live", "ws://x", "key", "gpt-live-1"),
            backend_model="backend",
            policy=CallPolicy(idle_s=idle_s, first_words_s=first_words_s),
            tools=tools_of,
            playback=self.playback,
            emit=self.events.append,
            sample_rate=RATE,
            on_end=on_end,
            on_unavailable=on_unavailable,
            hold=hold,
            moderation=moderation,
            rtvi=False,
            connect=connect,
            push=push,
            broadcast=broadcast,
        )

    async def __aenter__(self):
        self.conversation.start()
        await settle()
        return self

    async def __aexit__(self, *_):
        await self.conversation.close()

    @property
    def server(self):
        return self.servers[-1]

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def said(self):
        return [event.text for event in self.of(AgentTranscript) if event.final]

    @property
    def audio_ms(self):
        frames = [f for f in self.frames if isinstance(f, TTSAudioRawFrame)]
        return sum(len(f.audio) for f in frames) * 1000 // (2 * RATE)


def guarded(**fields):
    guardrail = Guardrail(name="returns", phrases=("guaranteed returns",), **fields)
    front, *others = TEAM.agents
    return replace(TEAM, agents=(replace(front, guardrails=(guardrail,)), *others))


def fragment(server, words="", audio=SPEECH):
    """200 ms of the stream: the audio, and then the words that begin in it."""
    server.emit("session.output_audio.delta", delta=audio)
    if words:
        server.emit("session.output_transcript.delta", delta=words, start_ms=0, end_ms=200)


def held(call):
    return [event.waits_for for event in call.of(LineHeld)]
