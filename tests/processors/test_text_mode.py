"""The conversation in writing against a chat that a test plays answer by answer."""

import asyncio
from dataclasses import replace

import pytest

from agents import Guardrail
from processors.events.calls import Problem
from processors.events.conversation import (
    AgentTranscript,
    GuardrailTripped,
    SessionState,
    UserTranscript,
)
from processors.events.tools import ToolFinished
from processors.realtime.function_calls import MAX_ROUNDS
from processors.realtime.server_events import FunctionCall
from processors.text_mode import text_mode
from processors.text_mode.chat import ChatEndpoint, ChatError
from processors.text_mode.messages import is_owed_answer, messages_of
from processors.text_mode.text_mode import AWAY, BACK, RETRY_S
from processors.tools import ToolResult
from tests.processors.realtime_call import TEAM, RealtimeCall, settle, tool

VIRTUAL_TIME = True

ENDPOINT = ChatEndpoint("chat", "http://x/v1", "key", "gpt-5.4-mini")


class FakeChat:
    """Answers each request with the next list of parts; an event among them is waited for."""

    def __init__(self):
        self.endpoint = ENDPOINT
        self.answers = []
        self.asked = []
        self.forced = []
        self.is_closed = False

    async def answer(self, messages, tools, *, may_call=True, must_call=None):
        self.asked.append((messages, [each.name for each in tools], may_call))
        self.forced.append(must_call)
        for part in self.answers.pop(0) if self.answers else ["Yes."]:
            match part:
                case asyncio.Event():
                    await part.wait()
                case Exception():
                    raise part
                case _:
                    yield part

    async def close(self):
        self.is_closed = True

    @property
    def last_messages(self):
        return [(m["role"], m["content"]) for m in self.asked[-1][0][1:]]


@pytest.fixture
def chat(monkeypatch):
    fake = FakeChat()
    monkeypatch.setattr(text_mode, "Chat", lambda _endpoint: fake)
    return fake


def calls(name, arguments="{}", number=1):
    return FunctionCall(f"item_c{number}", f"call_{number}", name, arguments, is_complete=True)


def finals(call):
    return [event.text for event in call.of(AgentTranscript) if event.final]


def states(call):
    return [event.state for event in call.of(SessionState)]


async def lose_voice(call, server):
    """No endpoint serves until the call goes on in writing, or is given up; then it does again."""
    call.fake.refuse(1000)
    server.lose()
    await without_voice(call)


async def without_voice(call):
    async with asyncio.timeout(60):
        while states(call)[-1] not in ("text", "failed"):  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.1)
    call.fake.refusals.clear()
    await settle()


def types(call, text):
    call.conductor.append([{"role": "user", "content": text}], respond=True)


async def test_the_history_goes_into_the_chat_and_back_into_the_next_session(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        assert finals(call) == ["Hello.", "Yes."]
        assert chat.last_messages == [
            ("assistant", "Hello."),
            ("system", f'Say to the caller: "{AWAY}"'),
        ]
        types(call, "a hotel")
        await settle()
        assert chat.last_messages == [
            ("assistant", "Hello."),
            ("assistant", "Yes."),
            ("user", "a hotel"),
        ]
        await asyncio.sleep(RETRY_S)
        heir = await call.fake.connection(1)
        assert BACK in (await heir.asked_to_respond())["instructions"]
        seeds = [e["item"]["content"][0]["text"] for e in heir.of_kind("conversation.item.create")]
        assert seeds == ["Hello.", "Yes.", "a hotel", "Yes."]
        assert states(call)[2:] == ["lost", "reconnecting", "text", "ready"]
        assert [(p.code, p.fatal) for p in call.of(Problem)] == [("voice_unavailable", False)]
    assert chat.is_closed
    assert not call.unavailable


async def test_what_was_typed_while_voice_was_being_lost_is_answered_once(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        call.fake.refuse(1000)
        server.lose()
        await settle()
        types(call, "a hotel")
        await without_voice(call)
        assert [event.text for event in call.of(UserTranscript)] == ["a hotel"]
        assert chat.last_messages[-1] == ("user", "a hotel")
        assert len(chat.asked) == 1
        await asyncio.sleep(RETRY_S)
        heir = await call.fake.connection(1)
        await asyncio.sleep(30)
        assert len(heir.of_kind("response.create")) == 1, "only that voice is back"


async def test_the_output_of_a_tool_that_outlived_the_voice_is_told_in_writing(chat):
    done = asyncio.Event()

    async def look(_call):
        await done.wait()
        return ToolResult("three hotels")

    async with RealtimeCall(chat=ENDPOINT, tools=[tool("look", look, timeout_s=60)]) as call:
        server = await call.greeted()
        server.caller_says("hotels in Paris")
        await settle()
        server.call("look")
        server.finish()
        await settle()
        await lose_voice(call, server)
        assert chat.last_messages[-1] == ("user", "hotels in Paris"), "the call still runs"
        types(call, "well?")
        await settle()
        asked = len(chat.asked)
        done.set()
        await settle()
        assert len(chat.asked) == asked + 1
        assert ("tool", "three hotels") in chat.last_messages


async def test_typing_cuts_what_is_being_written(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        chat.answers = [["We have ", asyncio.Event(), "rooms."], ["Goodbye."]]
        types(call, "rooms?")
        await settle()
        types(call, "never mind")
        await settle()
        cut = [e.text for e in call.of(AgentTranscript) if e.final and e.interrupted]
        assert cut == ["We have "]
        assert chat.last_messages[-2:] == [("assistant", "We have "), ("user", "never mind")]
        assert finals(call)[-1] == "Goodbye."


async def test_a_transfer_in_writing_changes_the_agent_also_for_the_next_session(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        transfer = calls("transfer_to_hotels", '{"reason": "hotel", "context": "Paris"}')
        chat.answers = [[transfer], ["Which city?"]]
        types(call, "a hotel")
        await settle()
        assert call.conductor.agent.name == "hotels"
        assert "You book hotels." in chat.asked[-1][0][0]["content"]
        assert finals(call)[-1] == "Which city?"
        await asyncio.sleep(RETRY_S)
        heir = await call.fake.connection(1)
        session = heir.of_kind("session.update")[0]["session"]
        assert session["audio"]["output"]["voice"] == "cedar"


async def test_what_an_agent_must_not_say_is_not_written_either(chat):
    guardrail = Guardrail(
        name="returns", phrases=("guaranteed returns",), instead="No promises.", then="look"
    )
    front, *others = TEAM.agents
    team = replace(TEAM, agents=(replace(front, guardrails=(guardrail,)), *others))
    async with RealtimeCall(chat=ENDPOINT, team=team, tools=[tool("look")]) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        chat.answers = [["Our fund ", "has guaranteed", " returns."], ["No promises."]]
        types(call, "tell me about the fund")
        await settle()
    assert finals(call)[-3:-1] == ["Our fund ", "No promises."]
    assert chat.forced[-1] == "look"
    assert "guaranteed" not in "".join(e.text for e in call.of(AgentTranscript))
    assert [event.words for event in call.of(GuardrailTripped)] == ["guaranteed returns"]


class Moderator:
    """Flags what is stupid, as soon as it may answer."""

    is_down = False

    def __init__(self):
        self.asked = []
        self.may_answer = asyncio.Event()

    async def flags(self, text):
        self.asked.append(text)
        await self.may_answer.wait()
        return ["harassment"] if "stupid" in text else []


async def test_what_is_written_is_shown_once_it_was_judged(chat):
    moderator = Moderator()
    async with RealtimeCall(chat=ENDPOINT, moderation=moderator) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        chat.answers = [["Good", " morning. You", " are stupid."], ["I am sorry."]]
        types(call, "hello")
        await settle()
        assert "Good morning." in moderator.asked
        assert not [e for e in call.of(AgentTranscript) if e.text.startswith("Good")]
        moderator.may_answer.set()
        await settle()
    texts = [event.text for event in call.of(AgentTranscript)]
    assert "Good morning. " in texts
    assert not [text for text in texts if "You" in text]
    [tripped] = call.of(GuardrailTripped)
    assert (tripped.source, tripped.words) == ("moderation", "You are stupid.")
    assert finals(call)[-1] == "I am sorry."


async def test_nothing_that_is_written_waits_for_a_moderation_that_is_away(chat):
    moderator = Moderator()
    moderator.is_down = True
    async with RealtimeCall(chat=ENDPOINT, moderation=moderator) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        chat.answers = [["Good", " morning", asyncio.Event()]]
        types(call, "hello")
        await settle()
        assert call.of(AgentTranscript)[-1].text == "Good morning"


async def test_an_expert_is_asked_in_writing(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        question = calls("hotels_expert", '{"question": "Is there a pool?"}')
        chat.answers = [[question], ["There is."], ["Yes, a pool."]]
        types(call, "a pool?")
        await settle()
        (finished,) = call.of(ToolFinished)
        assert (finished.output, finished.is_error) == ("There is.", False)
        assert finals(call)[-1] == "Yes, a pool."


async def test_an_agent_that_hangs_up_without_a_word_says_goodbye(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        chat.answers = [[calls("end_call", '{"reason": "done"}')]]
        types(call, "bye")
        await settle()
        assert call.ended == ["done"]
        assert "Goodbye" in finals(call)[-1]


async def test_a_model_that_calls_functions_for_ever_has_to_write_in_the_end(chat):
    async with RealtimeCall(chat=ENDPOINT, tools=[tool("look")]) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        chat.answers = [[calls("look", number=n)] for n in range(MAX_ROUNDS)]
        asked = len(chat.asked)
        types(call, "look")
        await settle()
        assert [may for *_, may in chat.asked[asked:]] == [True] * MAX_ROUNDS + [False]
        assert finals(call)[-1] == "Yes."


async def test_a_chat_that_fails_gives_the_call_up(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        chat.answers = [["I am "], [ChatError("chat: down")]]
        await lose_voice(call, server)
        types(call, "hello?")
        await asyncio.sleep(60)
        (why,) = call.unavailable
        assert "chat: down" in why
        assert states(call)[-1] == "failed"
        assert call.of(Problem)[-1].fatal
        assert len(call.fake.connections) == 1, "nobody looks for a voice any more"


async def stand_aside(call):
    await call.conductor.controls.relief.stand_aside("A colleague has the caller.")
    await settle()


async def test_while_a_person_talks_with_the_caller_nothing_is_written_to_them(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        chat.answers = [["We have ", asyncio.Event(), "rooms."]]
        types(call, "rooms?")
        await settle()
        await stand_aside(call)
        assert finals(call)[-1] == "We have ", "cut where it was read"
        asked, written = len(chat.asked), finals(call)
        types(call, "are you a person?")
        await settle()
        assert call.of(UserTranscript)[-1].text == "are you a person?"
        assert (len(chat.asked), finals(call)) == (asked, written)
        call.conductor.controls.relief.come_back("The call is yours again.", "I am back.")
        await settle()
        assert finals(call)[-1] == "Yes."
        assert chat.last_messages[-5:] == [
            ("assistant", "We have "),
            ("system", "A colleague has the caller."),
            ("user", "are you a person?"),
            ("system", "The call is yours again."),
            ("system", 'Say to the caller: "I am back."'),
        ]


@pytest.mark.parametrize("ends", [False, True])
async def test_what_tools_lead_to_in_writing_waits_for_the_person_and_ends_no_call(chat, ends):
    done = asyncio.Event()

    async def look(_call):
        await done.wait()
        return ToolResult("three hotels")

    tools = [tool("look", look, timeout_s=60)]
    async with RealtimeCall(chat=ENDPOINT, tools=tools) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        end = [calls("end_call", '{"reason": "done"}', number=2)] if ends else []
        chat.answers = [[calls("look"), *end]]
        types(call, "hotels?")
        await settle()
        await stand_aside(call)
        asked, written = len(chat.asked), finals(call)
        done.set()
        await asyncio.sleep(1)
        assert (len(chat.asked), finals(call), call.ended) == (asked, written, [])
        call.conductor.controls.relief.come_back("The call is yours again.", "I am back.")
        await settle()
        assert ("tool", "three hotels") in chat.last_messages


async def test_a_voice_that_is_lost_while_a_person_talks_is_missed_when_the_agent_is_back(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await stand_aside(call)
        call.fake.refuse(1000)
        server.lose()
        await asyncio.sleep(60)
        types(call, "hello?")
        await settle()
        assert chat.asked == []
        call.conductor.controls.relief.come_back("The call is yours again.", "I am back.")
        await without_voice(call)
        assert chat.last_messages[-1] == ("system", f'Say to the caller: "I am back. {AWAY}"')
        assert len(chat.asked) == 1
        assert not call.unavailable


async def test_a_voice_that_is_found_while_a_person_talks_hears_the_caller_and_says_nothing(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        await stand_aside(call)
        await asyncio.sleep(RETRY_S)
        heir = await call.fake.connection(1)
        await settle()
        assert states(call)[-1] == "ready"
        call.speak(100)
        assert heir.audio
        assert not heir.of_kind("response.create")
        call.conductor.controls.relief.come_back("The call is yours again.", "I am back.")
        assert "I am back." in (await heir.asked_to_respond())["instructions"]


async def test_a_call_without_a_chat_is_given_up(chat):
    async with RealtimeCall() as call:
        server = await call.greeted()
        await lose_voice(call, server)
        assert len(call.unavailable) == 1
        assert chat.asked == []


def message(role, text):
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}


def test_outputs_stand_right_behind_their_calls_and_calls_without_one_are_left_out():
    items = [
        {"type": "function_call", "call_id": "a", "name": "look", "arguments": ""},
        {"type": "function_call", "call_id": "b", "name": "look", "arguments": "{}"},
        message("user", "well?"),
        {"type": "function_call_output", "call_id": "a", "output": "found"},
    ]
    first, *rest = messages_of(TEAM.entry, items)
    assert first["role"] == "system"
    assert [m["role"] for m in rest] == ["assistant", "tool", "user"]
    assert rest[0]["tool_calls"][0]["function"] == {"name": "look", "arguments": "{}"}
    assert rest[1] == {"role": "tool", "tool_call_id": "a", "content": "found"}


def test_an_answer_is_owed_to_the_last_words_and_outputs():
    says, answer, note = message("user", "hi"), message("assistant", "yes"), message("system", "x")
    output = {"type": "function_call_output", "call_id": "a", "output": "found"}
    assert is_owed_answer([answer, says, note])
    assert is_owed_answer([says, output])
    assert not is_owed_answer([says, answer, note])
    assert not is_owed_answer([])


async def test_what_the_agent_is_told_to_answer_is_answered_in_writing(chat):
    async with RealtimeCall(chat=ENDPOINT) as call:
        server = await call.greeted()
        await lose_voice(call, server)
        chat.answers = [["It has not worked."]]
        call.conductor.controls.coaching.tell("The payment was not approved.", respond=True)
        await settle()
        assert ("system", "The payment was not approved.") in chat.last_messages
        assert finals(call)[-1] == "It has not worked."
