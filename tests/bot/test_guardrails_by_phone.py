"""An agent that begins to say what it must not, in a phone call: what does the caller hear?"""

from dataclasses import replace
from unittest.mock import patch

import pytest
import yaml

import agents.travel
from agents import Guardrail
from emulators.chat.app import chat_app
from emulators.live import LiveEmulator
from emulators.realtime import RealtimeEmulator
from emulators.realtime.mind import Say
from emulators.realtime.minds.script import script_from
from emulators.twilio.asgi_server import serving
from emulators.twilio.carrier import Carrier
from emulators.twilio.telephone import Telephone
from processors.events.conversation import AgentTranscript, GuardrailTripped
from tests.bot.events import events_of
from tests.bot.live_model import live_service
from tests.bot.service import service
from tests.emulators.standins import ScriptedHearing
from tests.reliability.caller import NOISE
from tests.reliability.desk import TEAM
from tests.reliability.hearing import Vocabulary
from tests.reliability.voice import ToneWords, WordEar

pytestmark = pytest.mark.call

SORRY = "nobody knows that yet"
SCRIPT = """
opening: [{say: hello this is the front desk}]
turns:
  - do: [{say: our fund has always had guaranteed returns of ten percent each year}]
loop: true
"""


class Asker:
    """A `Party` that asks once and hangs up when it has heard what is said instead."""

    def __init__(self, voice):
        self.ear = WordEar(voice)

    async def prepare(self):
        self.question = await Vocabulary().learn("tell me about the fund")

    async def talk(self, phone: Telephone):
        phone.ear, phone.room = self.ear, NOISE
        await phone.until(lambda: "desk" in self.ear.words, timeout_s=60)
        await phone.say(self.question)
        await phone.until(lambda: "yet" in self.ear.words, timeout_s=60)
        await phone.pause(0.5)


def guarded():
    guardrail = Guardrail(name="returns", phrases=("guaranteed returns",), instead=SORRY)
    front, *others = TEAM.agents
    front = replace(front, guardrails=(guardrail,), tool_servers=())
    return replace(TEAM, agents=(front, *others))


async def test_the_caller_hears_something_else_and_nothing_of_what_is_forbidden():
    team = guarded()
    voice = ToneWords()
    asker = Asker(voice)
    with patch.object(agents.travel, "TEAM", team):
        async with (
            Carrier() as carrier,
            RealtimeEmulator(
                mind=script_from(yaml.safe_load(SCRIPT)),
                speech=voice,
                hearing=ScriptedHearing(["tell me about the fund"] * 3, check=False),
            ) as emulator,
            service(
                emulator.url, recording="on", tool_servers={"desk": "http://127.0.0.1:9/mcp"}
            ) as running,
            events_of(running) as events,
        ):
            await carrier.call(f"{running.http}/twilio/voice", asker)
    heard = " ".join(asker.ear.words)
    assert SORRY in heard
    assert "our fund" in heard, "nothing was forbidden up to there"
    assert not {"guaranteed", "returns", "percent"} & set(asker.ear.words)
    [tripped] = [event for event in events if isinstance(event, GuardrailTripped)]
    assert tripped.heard_ms > 0
    said = [e.text for e in events if isinstance(e, AgentTranscript) and e.final]
    assert said[-1] == SORRY
    assert not any("guaranteed" in text for text in said)


class Boaster:
    """Says what it is asked to say, else what it must not, at a length that nobody waits for."""

    async def respond(self, prompt):
        told = prompt.instructions
        if told.startswith("Say to the caller"):
            yield Say(told.split('"')[1])
        elif "leave that out" in told:
            yield Say("our fund has always had guaranteed returns " + "and so on " * 40)
        else:
            yield Say("this is stupid. now about our fund " + "and so forth " * 40)


async def test_gpt_live_is_not_heard_out_when_it_says_what_it_must_not():
    voice = ToneWords()
    asker = Asker(voice)
    with patch.object(agents.travel, "TEAM", guarded()):
        async with (
            Carrier() as carrier,
            serving(chat_app(script_from(yaml.safe_load(SCRIPT)))) as chat,
            LiveEmulator(
                mind=Boaster(),
                speech=voice,
                hearing=ScriptedHearing(["tell me about the fund"] * 3, check=False),
            ) as emulator,
            live_service(
                emulator.url,
                tool_servers={"desk": "http://127.0.0.1:9/mcp"},
                moderation_url=f"{chat}/v1",
                moderation_model="omni-moderation-latest",
            ) as running,
            events_of(running) as events,
        ):
            await carrier.call(f"{running.http}/twilio/voice", asker)
    assert SORRY in " ".join(asker.ear.words)
    assert not {"guaranteed", "returns"} & set(asker.ear.words)
    tripped = [event for event in events if isinstance(event, GuardrailTripped)]
    assert [event.source for event in tripped] == ["moderation", "words"]
    spoken = [word for word in asker.ear.words if word in ("so", "on", "forth")]
    assert len(spoken) < 60, "another session has taken its place before it was through"
    assert len(emulator.past) == 3
