"""Keys in whole phone calls: a caller who types, and a machine whose menu an agent goes through."""

import pytest

from emulators.twilio.caller import Manners, Press, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.phone_menu import Menu, PhoneMenu
from processors.events.conversation import AgentTranscript, DtmfReceived, DtmfSent
from processors.events.tools import ToolFinished
from tests.bot.events import events_of
from tests.bot.service import model, service

pytestmark = pytest.mark.call

CHOICE = """
turns:
  - match: keypad. 2
    do: [{say: You chose flights}, {call: {name: end_call}}]
  - do: [{say: Press one for hotels or two for flights}]
loop: true
"""


async def test_a_caller_chooses_from_a_menu_by_a_key():
    manners = Manners(quiet_s=0.5, linger_s=10)
    async with (
        Carrier() as carrier,
        model(CHOICE, ["I want to travel"]) as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
    ):
        caller = ScriptedCaller([Say("I need a hotel"), Press("2")], manners=manners)
        live = await carrier.call(f"{running.http}/twilio/voice", caller)
    said = [e.text for e in events if isinstance(e, AgentTranscript) and e.final]
    assert said[1:] == ["Press one for hotels or two for flights", "You chose flights"]
    assert [e.digits for e in events if isinstance(e, DtmfReceived)] == ["2"]
    assert live.ended_by == "application"


NUMBER = """
turns:
  - match: complete
    do: [{say: Thank you}, {call: {name: end_call}}]
  - do:
      - say: Type your number
      - call: {name: collect_digits, arguments: {count: 6, sensitive: true}}
loop: true
"""


async def test_a_number_is_typed_and_nobody_sees_it():
    manners = Manners(quiet_s=0.5, linger_s=10)
    async with (
        Carrier() as carrier,
        model(NUMBER, ["I have a booking"]) as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
    ):
        caller = ScriptedCaller([Say("I have a booking"), Press("482913")], manners=manners)
        await carrier.call(f"{running.http}/twilio/voice", caller)
    [collected] = [e for e in events if isinstance(e, ToolFinished) and e.tool == "collect_digits"]
    assert "{{digits_1}}" in collected.output
    assert "482913" not in "".join(str(event) for event in events)


NAVIGATION = """
turns:
  - match: sent
    do: []
  - do: [{call: {name: send_digits, arguments: {digits: "2w31"}}}]
loop: true
"""

IVR = Menu(
    "For sales press one. For support press two.",
    {
        "1": "You have reached sales.",
        "2": Menu("For invoices press three.", {"3": "You have reached the invoices."}),
    },
)


async def test_an_agent_goes_through_a_machines_menu():
    machine = PhoneMenu(IVR)
    async with (
        Carrier() as carrier,
        model(NAVIGATION, ["press two"] * 9) as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
    ):
        await carrier.call(f"{running.http}/twilio/voice", machine)
    assert machine.pressed.startswith("23")
    assert next(e.digits for e in events if isinstance(e, DtmfSent)) == "2w31"
