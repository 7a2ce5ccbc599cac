"""A call over GPT-Live against a server in memory, event by event: what others do to it."""

import asyncio
from base64 import b64encode
from dataclasses import replace

import pytest
from pipecat.frames.frames import InterruptionFrame, TTSAudioRawFrame

from agents import Guardrail
from processors.call_control import end_call_tool
from processors.events.calls import Problem
from processors.events.conversation import (
    AgentChanged,
    AgentTranscript,
    DtmfReceived,
    GuardrailTripped,
    LineHeld,
    UserTranscript,
)
from processors.events.figures import Usage
from processors.events.tools import ToolFinished
from processors.holding_line import TOOL_S
from processors.line_probe import QUIET_S
from processors.live.conversation import UNHEARD, Conversation
from processors.live.delegated_work import ENOUGH, NOT_NOW
from processors.live.wording import MAX_APPEND_TOKENS, pieces, tokens
from processors.playback import Playback
from processors.realtime.announcements import Clip
from processors.realtime.connection import ConnectError, ConnectionLostError
from processors.realtime.endpoints import Endpoint
from processors.realtime.function_calls import MAX_ROUNDS
from processors.realtime.idle_caller import GOODBYE, PROMPTS
from processors.realtime.policy import CallPolicy
from processors.tools import ToolResult
from tests.processors.realtime_call import RATE, TEAM, settle, tool

VIRTUAL_TIME = True

SPEECH = b64encode(b"\x20" * 1600).decode()
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


async def test_the_first_agent_greets_and_silence_is_not_passed_on():
    async with LiveCall() as call:
        assert call.server.told("commentary") == ['Say to the caller: "Hello."']
        call.server.emit("session.output_audio.delta", delta=SILENCE)
        call.server.speak("Hello.")
        for _ in range(20):
            call.server.emit("session.output_audio.delta", delta=SILENCE)
        await asyncio.sleep(2)
        assert call.said() == ["Hello."]
        # The frame before the first sound belongs to it; so does what follows within the turn.
        assert call.audio_ms < 5000


async def test_a_muted_agent_is_not_heard_and_a_muted_caller_is_silence():
    async with LiveCall() as call:
        await call.conversation.muting.mute("agent")
        assert any(isinstance(frame, InterruptionFrame) for frame in call.frames)
        call.server.speak("Nobody hears this.")
        await asyncio.sleep(2)
        assert not call.said()
        assert call.audio_ms == 0

        await call.conversation.muting.mute("caller")
        call.conversation.hear(b"\x11\x22" * 160)
        assert call.server.audio[-1] == b64encode(b"\xff" * 160).decode()
        call.server.hear("secret")
        await asyncio.sleep(2)
        assert not call.of(UserTranscript)

        call.conversation.muting.unmute("agent", owes_answer=True)
        call.server.speak("Hello again.")
        await asyncio.sleep(2)
        assert call.said() == ["Hello again."]


async def test_an_agent_who_stands_aside_for_a_person_is_not_heard_and_opens_when_it_is_back():
    async with LiveCall() as call:
        await call.conversation.stand_aside("A colleague has the caller.")
        call.server.speak("Nobody hears this.")
        call.server.hear("I want my money back.")
        await asyncio.sleep(2)
        assert not call.said()
        assert [event.text for event in call.of(UserTranscript) if event.final]
        call.conversation.tell("Your colleague said to the caller: a refund.", respond=False)
        call.conversation.come_back("The call is yours again.", "I am back.")
        told = " ".join(call.server.told("thinking"))
        for fact in ("A colleague has", "a refund", "is yours again"):
            assert fact in told
        assert "I am back." in call.server.told("commentary")[-1]
        assert told.endswith(UNHEARD)
        before = len(call.server.told("commentary"))
        call.conversation.come_back("again", "again")
        assert len(call.server.told("commentary")) == before
        call.server.speak("I am back.")
        await asyncio.sleep(2)
        assert call.said() == ["I am back."]


async def test_what_began_unheard_is_not_heard_from_its_middle_on():
    async with LiveCall(team=guarded()) as call:
        await call.conversation.stand_aside("A colleague has the caller.")
        cuts = len(call.frames)
        fragment(call.server, "Our fund has guaranteed returns")
        await settle()
        call.conversation.come_back("The call is yours again.", None)
        fragment(call.server, "of ten percent.")
        fragment(call.server, audio=SILENCE)
        await settle()
        assert call.audio_ms == 0
        assert len(call.frames) == cuts, "nothing cuts the person who talks"
        assert not call.of(GuardrailTripped)
        for words in ("I am", " with you", " again."):
            fragment(call.server, words)
        for _ in range(5):
            fragment(call.server, audio=SILENCE)
        await settle()
        await asyncio.sleep(2)
        assert call.said() == ["I am with you again."]


async def test_nothing_is_done_for_the_caller_while_a_person_talks_with_them():
    ran = []

    async def run(made):
        ran.append(made)
        return ToolResult("booked")

    async with LiveCall(tools=[tool("book", run)]) as call:
        server = call.server
        await call.conversation.stand_aside("A colleague has the caller.")
        before = len(server.told("commentary"))
        server.call("book")
        await settle()
        assert server.outputs() == {"call_1": NOT_NOW}
        call.conversation.append([{"role": "user", "content": "Book it."}], respond=True)
        await call.conversation.press("1")
        await call.conversation.press("#")
        server.lose()
        await asyncio.sleep(5)
        assert len(call.servers) == 2
        assert len(server.told("commentary")) == before
        assert not call.server.told("commentary"), "the next session is asked for nothing either"
        assert next(e.text for e in call.of(UserTranscript) if e.final) == "Book it."
        call.conversation.come_back("The call is yours again.", None)
        call.server.call("book", call_id="call_2")
        await settle()
        assert call.server.outputs() == {"call_2": "booked"}
        assert len(ran) == 1


async def test_a_transfer_that_was_under_way_is_carried_out_in_silence():
    async with LiveCall() as call:
        call.server.call("transfer_to_hotels", '{"reason": "r", "context": "c"}')
        await settle()
        await call.conversation.stand_aside("A colleague has the caller.")
        await asyncio.sleep(5)
        assert call.conversation.agent.name == "hotels"
        assert not call.server.told("commentary")
        call.conversation.come_back("The call is yours again.", "I am back.")
        assert "I am back." in call.server.told("commentary")[-1]


async def test_an_instruction_is_unheard_and_stays_for_the_next_session():
    async with LiveCall() as call:
        call.conversation.coach("offer a discount", respond=False)
        assert "offer a discount" in call.server.told("instructions")[0]
        assert len(call.server.told("commentary")) == 1
        call.server.lose()
        await asyncio.sleep(1)
        assert len(call.servers) == 2
        history = call.server.sent[0]["session"]["input"]
        assert history[-1]["role"] == "developer"
        assert "offer a discount" in history[-1]["content"][0]["text"]


async def test_a_line_returns_once_it_was_heard():
    async with LiveCall() as call:
        saying = asyncio.create_task(call.conversation.say('The "code" is new.'))
        await settle()
        assert call.server.told("commentary")[-1] == "Say to the caller: \"The 'code' is new.\""
        assert not saying.done()
        call.server.speak("The code is new.")
        await asyncio.sleep(2)
        assert saying.done()


async def test_keys_are_collected_or_told():
    async with LiveCall() as call:
        for key in "12#":
            call.conversation.keypad.press(key)
        assert [e.digits for e in call.of(DtmfReceived)] == ["12"]
        assert call.server.told("commentary")[-1] == "The caller has pressed keys: 1 2"
        wanted = {"count": 4, "terminator": "#", "timeout_s": 5, "sensitive": True}
        collecting = asyncio.create_task(call.conversation.keypad.collect(**wanted))
        await settle()
        for key in "4321":
            call.conversation.keypad.press(key)
        assert await collecting == ("complete", "4321")
        assert call.of(DtmfReceived)[-1].digits == "••••"
        assert await call.conversation.keypad.collect(**wanted) == ("timeout", "")


async def test_the_call_ends_when_the_goodbye_was_heard_and_not_when_the_caller_goes_on():
    async with LiveCall() as call:
        call.server.call("end_call")
        await settle()
        assert call.server.count("response.create") == 1
        call.server.hear("wait, one more thing")
        await asyncio.sleep(20)
        assert not call.ended
        call.server.call("end_call", call_id="call_2")
        await settle()
        call.server.speak("Goodbye.")
        await asyncio.sleep(3)
        assert call.ended == [""]


async def test_a_silent_caller_is_asked_twice_and_let_go():
    async with LiveCall(idle_s=8) as call:
        for line in (*PROMPTS, GOODBYE):
            await asyncio.sleep(9)
            expected = line.replace('"', "'")
            assert call.server.told("commentary")[-1] == f'Say to the caller: "{expected}"'
            call.server.speak(line)
        await asyncio.sleep(4)
        assert call.ended == ["the caller was silent"]


async def test_parallel_calls_lead_to_one_continuation():
    release = asyncio.Event()

    async def slow(call):
        await release.wait()
        return await tool("x").run(call)

    async with LiveCall(tools=[tool("quick"), tool("slow", slow)]) as call:
        where = {"delegation_id": "dlg_1"}
        for name in ("quick", "slow"):
            item = {"id": name, "type": "function_call", "status": "completed", "name": name}
            item |= {"call_id": name, "arguments": "no json" if name == "quick" else "{}"}
            inner = {"type": "response.output_item.done", "item": item}
            call.server.emit("response.event", **where, event=inner)
        done = {"type": "response.completed", "response": {}}
        call.server.emit("response.event", **where, event=done)
        await settle()
        assert "no valid JSON" in call.server.outputs()["quick"]
        assert call.server.count("response.create") == 0
        release.set()
        await settle()
        assert set(call.server.outputs()) == {"quick", "slow"}
        assert call.server.count("response.create") == 1
        assert len(call.of(ToolFinished)) == 2


async def test_a_transfer_that_fails_is_told_and_the_agent_keeps_the_caller():
    async with LiveCall() as call:
        call.refuses = True
        call.server.call("transfer_to_hotels", '{"reason": "r", "context": "c"}')
        await asyncio.sleep(5)
        assert "failed" in call.server.outputs()["call_1"]
        assert call.server.count("response.create") == 1
        assert [e.to_agent for e in call.of(AgentChanged)] == ["front"]
        assert call.conversation.agent.name == "front"


async def test_what_the_caller_says_without_a_session_is_heard_by_the_next_one():
    async with LiveCall() as call:
        call.refusals = 2
        call.server.lose()
        await settle()
        for _ in range(600):
            call.conversation.hear(bytes(320))
        await asyncio.sleep(3)
        # Twelve seconds were said, ten are kept.
        assert len(call.server.audio) >= 500
        assert len(call.server.audio) < 540
        assert [p.code for p in call.of(Problem)] == ["connection_lost"]
        assert not call.unavailable


async def test_a_call_without_a_session_to_be_had_is_given_up_once():
    async with LiveCall() as call:
        call.refuses = True
        call.server.lose()
        await settle()
        assert call.unavailable == ["refused"]
        assert [(p.code, p.fatal) for p in call.of(Problem)] == [("unavailable", True)]


async def test_who_is_called_may_speak_first():
    async with LiveCall(first_words_s=5) as call:
        await asyncio.sleep(2)
        assert not call.server.told("commentary")
        call.server.hear("hello?")
        await asyncio.sleep(2)
        assert call.server.told("commentary") == ['Say to the caller: "Hello."']
    async with LiveCall(first_words_s=5) as call:
        await asyncio.sleep(4)
        assert not call.server.told("commentary")
        await asyncio.sleep(2)
        assert call.server.told("commentary") == ['Say to the caller: "Hello."']


async def test_time_goes_on_where_a_line_sends_nothing():
    async with LiveCall() as call:
        await asyncio.sleep(1)
        assert 6 <= len(call.server.audio) <= 9


async def test_the_time_of_a_session_is_billed_once():
    async with LiveCall() as call:
        call.server.emit("session.usage.updated", usage={"seconds": 15})
        await settle()
        first = call.server
    assert [e.audio_s for e in call.of(Usage)] == [15, 15]
    assert first.is_closed


@pytest.mark.parametrize("text", ["word " * 3000, "x" * 9000, "語" * 2000, "short"])
def test_appends_are_cut_to_what_the_api_takes(text):
    for piece in pieces(text):
        assert tokens(piece) <= MAX_APPEND_TOKENS
    assert "".join(pieces(text)).replace(" ", "") == text.replace(" ", "")


def guarded(**fields):
    guardrail = Guardrail(name="returns", phrases=("guaranteed returns",), **fields)
    front, *others = TEAM.agents
    return replace(TEAM, agents=(replace(front, guardrails=(guardrail,)), *others))


def fragment(server, words="", audio=SPEECH):
    """200 ms of the stream: the audio, and then the words that begin in it."""
    server.emit("session.output_audio.delta", delta=audio)
    if words:
        server.emit("session.output_transcript.delta", delta=words, start_ms=0, end_ms=200)


async def test_forbidden_words_are_not_heard_and_another_session_says_others_at_once():
    async with LiveCall(team=guarded(instead="No promises.")) as call:
        first = call.server
        for words in ("Our fund", " has", " guaranteed", " returns", " of ten", " percent"):
            fragment(first, words)
        await settle()
        assert call.audio_ms == 400, "two fragments were harmless for sure"
        assert InterruptionFrame in [type(frame) for frame in call.frames]

        assert len(call.servers) == 2
        known = str(call.server.sent[0]["session"]["input"])
        assert "Our fund has" in known
        assert "You were stopped" in known
        assert call.server.told("commentary") == ['Say to the caller: "No promises."']
        # The one before goes on for as long as it likes.
        fragment(first, " for sure")
        fragment(call.server, "No promises.")
        for _ in range(5):
            fragment(call.server, audio=SILENCE)
        await asyncio.sleep(2)
    [tripped] = call.of(GuardrailTripped)
    assert (tripped.guardrail, tripped.heard_ms) == ("returns", 400)
    assert call.said() == ["Our fund has", "No promises."]


async def test_where_no_session_takes_its_place_the_model_is_waited_for_in_company():
    async with LiveCall(team=guarded(instead="No promises."), hold=lambda: CLIP) as call:
        server = call.server
        call.refuses = True
        for words in ("Our fund", " has", " guaranteed", " returns", " of ten", " percent"):
            fragment(server, words)
        await settle()
        assert call.audio_ms == 400, "two fragments were harmless for sure"
        assert InterruptionFrame in [type(frame) for frame in call.frames]
        assert not [text for text in server.told("commentary") if "No promises" in text]
        for _ in range(4):
            await asyncio.sleep(1)
            fragment(server, " and more")
        assert held(call) == ["answer"]
        fragment(server, audio=SILENCE)
        fragment(server, audio=SILENCE)
        await settle()
        assert server.told("commentary")[-1] == 'Say to the caller: "No promises."'
        assert "guaranteed returns" in server.told("instructions")[-1]
        fragment(server, "No promises.")
        for _ in range(5):
            fragment(server, audio=SILENCE)
        await settle()
        await asyncio.sleep(2)
    [tripped] = call.of(GuardrailTripped)
    assert (tripped.guardrail, tripped.heard_ms) == ("returns", 400)
    assert call.said() == ["Our fund has", CLIP.text, "No promises."]


class Moderator:
    """Flags what is stupid."""

    def __init__(self):
        self.asked = []

    async def flags(self, text):
        self.asked.append(text)
        return ["harassment"] if "stupid" in text else []


async def test_a_moderated_sentence_is_stopped_while_it_goes_on():
    moderator = Moderator()
    async with LiveCall(moderation=moderator) as call:
        first = call.server
        for words in ("Good morning.", " That is", " a stupid", " question.", " Ask", " another"):
            fragment(first, words)
        await settle()
        assert moderator.asked == ["Good morning.", "That is a stupid question."]
        [tripped] = call.of(GuardrailTripped)
        assert (tripped.source, tripped.words) == ("moderation", "That is a stupid question.")
        assert len(call.servers) == 2
        assert "leave that out" in call.server.told("commentary")[-1]


async def test_the_callers_turn_is_heard_to_its_end_before_another_session_takes_over():
    async with LiveCall(team=guarded(instead="No promises.")) as call:
        call.server.hear("tell me about the fund")
        for words in ("Our fund", " has guaranteed", " returns", " of ten"):
            fragment(call.server, words)
        await settle()
        assert call.of(GuardrailTripped)
        assert len(call.servers) == 1
        await asyncio.sleep(1)
        assert len(call.servers) == 2
        assert "tell me about the fund" in str(call.server.sent[0]["session"]["input"])
        assert "No promises" in call.server.told("commentary")[-1]


async def test_a_moderation_that_comes_too_late_tells_the_model():
    moderator = Moderator()
    async with LiveCall(moderation=moderator) as call:
        fragment(call.server, "You are stupid.")
        await settle()
        assert not moderator.asked, "there may be more of the sentence"
        await asyncio.sleep(2)
        fragment(call.server, audio=SILENCE)
        fragment(call.server, audio=SILENCE)
        await settle()
        assert moderator.asked == ["You are stupid."]
        [tripped] = call.of(GuardrailTripped)
        assert tripped.item_id == call.of(AgentTranscript)[0].item_id
        assert "harassment" in call.server.told("instructions")[-1]
        assert len(call.servers) == 1


async def test_what_only_begins_like_something_forbidden_is_heard():
    async with LiveCall(team=guarded()) as call:
        for words in ("It is", " guaranteed"):
            fragment(call.server, words)
        for _ in range(6):
            fragment(call.server, audio=SILENCE)
        await settle()
        await asyncio.sleep(2)
        assert call.said() == ["It is guaranteed"]
        assert call.audio_ms >= 400
    assert not call.of(GuardrailTripped)


async def test_a_backend_that_calls_without_end_has_to_answer():
    ran = []

    async def run(call):
        ran.append(call)
        return ToolResult("ran")

    async with LiveCall(tools=[tool("look_up", run)]) as call:
        for number in range(MAX_ROUNDS + 2):
            call.server.call("look_up", call_id=f"call_{number}")
            await settle()
        assert len(ran) == MAX_ROUNDS
        assert call.server.outputs()[f"call_{MAX_ROUNDS}"] == ENOUGH

        call.server.hear("try again")
        await asyncio.sleep(2)
        call.server.call("look_up", call_id="again")
        await settle()
        assert call.server.outputs()["again"] == "ran"


CLIP = Clip("One moment, please.", bytes(2 * RATE), RATE)


def held(call):
    return [event.waits_for for event in call.of(LineHeld)]


async def test_an_outage_is_waited_through_in_company():
    async with LiveCall(hold=lambda: CLIP) as call:
        call.server.hear("how are you")
        await asyncio.sleep(1)
        call.refusals = 9
        call.server.lose()
        await asyncio.sleep(2.5)
        assert held(call) == ["connection"]
        assert CLIP.text in call.said()
        call.refusals = 0
        await asyncio.sleep(3)
        assert held(call) == ["connection"]
        assert CLIP.text not in str(call.server.sent[0]["session"]["input"])


async def test_who_waits_for_nothing_hears_nothing_of_an_outage():
    async with LiveCall(hold=lambda: CLIP) as call:
        call.server.speak("Hello there.")
        await asyncio.sleep(2)
        call.refusals = 9
        call.server.lose()
        await asyncio.sleep(4)
        assert not held(call)
        call.refusals = 0
        await asyncio.sleep(3)
        call.server.hear("mhm")
        await asyncio.sleep(20)
        assert not held(call), "a model that takes turns by itself may leave it at that"


async def test_delegated_work_that_takes_long_is_waited_for_in_company():
    never = asyncio.Event()

    async def hang(_call):
        await never.wait()
        return ToolResult("found")

    async with LiveCall(hold=lambda: CLIP, tools=[tool("search", hang)]) as call:
        call.server.hear("look it up")
        await asyncio.sleep(1)
        call.server.call("search")
        await asyncio.sleep(TOOL_S + 1)
        assert held(call) == ["tool"]


async def test_a_live_session_that_has_gone_quiet_is_asked_and_lost_when_it_does_not_answer():
    async with LiveCall() as call:
        await asyncio.sleep(10)
        assert call.server.probes
        call.server.is_there = False
        await asyncio.sleep(QUIET_S + 1)
        assert len(call.servers) == 2
