"""What an agent of GPT-Live must not say: not heard, said otherwise, or told."""

import asyncio

from pipecat.frames.frames import InterruptionFrame

from processors.events.conversation import (
    AgentTranscript,
    GuardrailTripped,
)
from tests.processors.live_call import CLIP, SILENCE, LiveCall, fragment, guarded, held
from tests.processors.realtime_call import settle

VIRTUAL_TIME = True


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
