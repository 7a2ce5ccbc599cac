"""An agent that begins to say what it must not, event by event, in virtual time."""

import asyncio
from dataclasses import replace

from agents import Guardrail
from processors.events.conversation import AgentTranscript, GuardrailTripped, Interruption
from processors.guardrails import INSTEAD
from processors.moderation import Moderation, ModerationEndpoint
from processors.realtime.policy import CallPolicy
from tests.processors.realtime_call import TEAM, RealtimeCall, settle, tool

VIRTUAL_TIME = True

SORRY = "I can't promise anything."
RETURNS = Guardrail(
    name="returns", phrases=("guaranteed returns",), why="No fund is safe.", instead=SORRY
)


def team(*guardrails):
    front, *others = TEAM.agents
    return replace(TEAM, agents=(replace(front, guardrails=guardrails), *others))


class Moderator:
    """Answers when the test says so."""

    def __init__(self, *flags):
        self.flags_due = flags
        self.asked = []
        self.may_answer = asyncio.Event()

    async def flags(self, text):
        self.asked.append(text)
        await self.may_answer.wait()
        return list(self.flags_due) if "stupid" in text else []


async def begin_reply(call, server, *, text="Tell me about funds."):
    server.caller_says(text)
    await settle()
    return server.begin_message()


async def test_forbidden_words_are_not_heard_and_others_are_said_instead():
    async with RealtimeCall(team=team(RETURNS)) as call:
        server = await call.greeted()
        before = call.audio_ms
        item = await begin_reply(call, server)
        stopped = server.active
        server.send_words(item, "Our fund ")
        server.send_audio_delta(item, 400)
        server.send_words(item, "has guaranteed")
        server.send_audio_delta(item, 600)
        await settle()
        assert call.audio_ms - before == 400, "what may become forbidden is held"
        call.hear(300)
        server.send_words(item, " returns of")
        await settle()
        request = await server.asked_to_respond()
        assert SORRY in request["instructions"]
        assert call.was_interrupted
        assert call.audio_ms - before == 400
        server.send_audio_delta(item, 600, response_id=stopped)
        server.say(SORRY, 500)
        server.finish()
        await settle()
        assert call.audio_ms - before == 900
        call.hear(500)

    [tripped] = call.of(GuardrailTripped)
    assert (tripped.guardrail, tripped.source) == ("returns", "words")
    assert (tripped.words, tripped.heard_ms) == ("guaranteed returns", 300)
    assert tripped.instead == SORRY
    assert not call.of(Interruption)
    assert server.of_kind("response.cancel")
    [truncated] = server.of_kind("conversation.item.truncate")
    assert (truncated["item_id"], truncated["audio_end_ms"]) == (item, 300)
    finals = [event.text for event in call.of(AgentTranscript) if event.final]
    assert finals == ["Hello.", "Our fund", SORRY]
    assert "guaranteed" not in "".join(event.text for event in call.of(AgentTranscript))
    told = [each["item"]["content"][0]["text"] for each in notes(server)]
    assert any("No fund is safe." in text for text in told)


def notes(server):
    return [
        event
        for event in server.of_kind("conversation.item.create")
        if event["item"].get("role") == "system"
    ]


async def test_a_reply_of_which_nothing_was_heard_leaves_the_conversation():
    async with RealtimeCall(team=team(RETURNS)) as call:
        server = await call.greeted()
        item = await begin_reply(call, server)
        server.send_words(item, "Guaranteed returns!")
        server.send_audio_delta(item, 600)
        await server.asked_to_respond()
        assert [each["item_id"] for each in server.of_kind("conversation.item.delete")] == [item]
        assert not call.was_interrupted


async def test_held_words_are_let_go_as_soon_as_they_are_harmless():
    async with RealtimeCall(team=team(RETURNS)) as call:
        server = await call.greeted()
        before = call.audio_ms
        item = await begin_reply(call, server)
        server.send_words(item, "That is guaranteed")
        server.send_audio_delta(item, 600)
        await settle()
        assert call.audio_ms == before
        server.send_words(item, " by law.")
        server.send_audio_delta(item, 400)
        await settle()
        assert call.audio_ms - before == 1000
        server.finish()
        await settle()
        call.hear(1000)
        await settle()
    finals = [event.text for event in call.of(AgentTranscript) if event.final]
    assert finals == ["Hello.", "That is guaranteed by law."]
    assert not call.of(GuardrailTripped)


async def test_what_ends_with_the_beginning_of_something_forbidden_is_heard_to_its_end():
    async with RealtimeCall(team=team(RETURNS)) as call:
        server = await call.greeted()
        before = call.audio_ms
        await begin_reply(call, server)
        server.say("That is guaranteed", 800)
        server.finish()
        await settle()
        assert call.audio_ms - before == 800


async def test_the_last_word_of_a_reply_counts():
    async with RealtimeCall(team=team(RETURNS)) as call:
        server = await call.greeted()
        before = call.audio_ms
        await begin_reply(call, server)
        server.say("Guaranteed returns", 800)
        server.finish()
        await server.asked_to_respond()
        assert call.audio_ms == before
        assert len(call.of(GuardrailTripped)) == 1


async def test_an_agent_without_a_line_says_it_otherwise_and_gets_one_when_that_fails():
    async with RealtimeCall(team=team(replace(RETURNS, instead=None))) as call:
        server = await call.greeted()
        item = await begin_reply(call, server)
        server.send_words(item, "Guaranteed returns!")
        request = await server.asked_to_respond()
        assert "instructions" not in request
        await settle()
        item = server.begin_message()
        server.send_words(item, "Guaranteed returns!")
        request = await server.asked_to_respond()
        assert INSTEAD in request["instructions"]
        for _ in range(2):
            item = server.begin_message()
            server.send_words(item, "Guaranteed returns!")
            await settle()
        assert len(call.of(GuardrailTripped)) == 4
        assert len(server.of_kind("response.create")) == 1 + 3, "then it is left at that"


async def test_a_tool_is_called_behind_what_is_said_instead():
    people = tool("transfer_to_human")
    guardrail = replace(RETURNS, then="transfer_to_human")
    async with RealtimeCall(team=team(guardrail), tools=[people]) as call:
        server = await call.greeted()
        item = await begin_reply(call, server)
        server.send_words(item, "Guaranteed returns!")
        assert SORRY in (await server.asked_to_respond())["instructions"]
        server.say(SORRY)
        server.finish()
        request = await server.asked_to_respond()
        assert request["tool_choice"] == {"type": "function", "name": "transfer_to_human"}


async def test_agents_have_guardrails_of_their_own():
    async with RealtimeCall(team=team()) as call:
        server = await call.greeted()
        await begin_reply(call, server)
        server.say("Guaranteed returns!", 800)
        server.finish()
        await settle()
        assert not call.of(GuardrailTripped)


async def test_an_agent_that_a_sound_has_paused_is_stopped_all_the_same():
    policy = CallPolicy(idle_s=None, answer_s=None, resumes=True)
    async with RealtimeCall(team=team(RETURNS), policy=policy) as call:
        server = await call.greeted()
        item_id = server.caller_starts()
        server.caller_stops(item_id)
        server.transcribe(item_id, "Tell me about funds.")
        await server.asked_to_respond()
        item = server.begin_message()
        server.send_words(item, "Our fund ")
        server.send_audio_delta(item, 1000)
        await settle()
        call.hear(200)
        cough = server.caller_starts(5000)
        await settle()
        server.send_words(item, "has guaranteed returns.")
        await settle()
        server.caller_stops(cough, speech_ms=50)
        request = await server.asked_to_respond()
        assert SORRY in request["instructions"]
    assert call.of(GuardrailTripped)[0].heard_ms == 200


async def test_a_moderated_sentence_is_stopped_while_it_is_heard():
    moderator = Moderator("harassment")
    async with RealtimeCall(moderation=moderator) as call:
        server = await call.greeted()
        before = call.audio_ms
        await begin_reply(call, server)
        server.say("Good morning. That is a stupid question. ", 3000)
        server.finish()
        await settle()
        assert call.audio_ms - before == 3000, "nobody waits for it"
        call.hear(1500)
        assert moderator.asked[-2:] == ["Good morning.", "That is a stupid question."]
        moderator.may_answer.set()
        await server.asked_to_respond()
        assert call.was_interrupted
        [tripped] = call.of(GuardrailTripped)
        assert (tripped.guardrail, tripped.source) == ("moderation", "moderation")
        assert tripped.heard_ms == 1500


async def test_a_moderation_that_comes_too_late_tells_the_agent_and_stops_nothing():
    moderator = Moderator("harassment")
    async with RealtimeCall(moderation=moderator) as call:
        server = await call.greeted()
        await begin_reply(call, server)
        server.say("A stupid question!", 1000)
        server.finish()
        await settle()
        call.hear(1000)
        asked = len(server.of_kind("response.create"))
        moderator.may_answer.set()
        await settle()
        assert len(call.of(GuardrailTripped)) == 1
        assert len(server.of_kind("response.create")) == asked
        assert any("harassment" in each["item"]["content"][0]["text"] for each in notes(server))


async def test_a_moderation_that_is_away_takes_nothing_from_the_call():
    moderation = Moderation(ModerationEndpoint("http://127.0.0.1:9/v1", "", "omni-moderation-1"))
    assert await moderation.flags("A stupid question!") == []
    await moderation.close()
