"""Who talks with the caller, step by step, without a call."""

import asyncio

import pytest

from bot.takeover import LINES, NotTakenError, TakenError, TakeOver
from processors.events.conversation import OperatorTranscript
from processors.events.people import CallHandedBack, CallTakenOver

AUDIO = bytes(960)


class Model:
    """Notes what is done to the agent."""

    def __init__(self):
        self.done = []
        self.falls_silent = asyncio.Event()
        self.falls_silent.set()

    async def stand_aside(self, told):
        await self.falls_silent.wait()
        self.done.append("aside")

    def tell(self, fact, *, respond):
        assert not respond
        self.done.append(fact)

    def come_back(self, told, line):
        self.done.append(("back", line))


class Voice:
    voice_rate = 24_000

    def __init__(self):
        self.spoken = bytearray()

    async def speak(self, pcm):
        self.spoken += pcm

    def rest(self):
        pass


class Ear:
    """Writes down what the test says."""

    def __init__(self, on_words):
        self.on_words = on_words
        self.heard = bytearray()
        self.owes = asyncio.Event()
        self.owes.set()
        self.patience_s = None
        self.is_closed = False

    def hear(self, pcm):
        self.heard += pcm

    async def finish(self, timeout_s):
        self.patience_s = timeout_s
        await self.owes.wait()

    async def close(self):
        self.is_closed = True


class Desk:
    def __init__(self, *, writes=True):
        self.model, self.voice, self.events, self.ears = Model(), Voice(), [], []

        def transcribe(on_words, _emit):
            if not writes:
                return None
            self.ears.append(Ear(on_words))
            return self.ears[-1]

        self.takeover = TakeOver(self.model, self.voice, self.events.append, transcribe)

    async def taken(self, by="desk"):
        seat = self.takeover.reserve(by)
        await self.takeover.hear(seat, AUDIO)
        return seat

    @property
    def told(self):
        return [(type(e), e.by, getattr(e, "reason", None)) for e in self.events]


async def test_the_first_audio_takes_the_call_over_and_not_the_request():
    desk = Desk()
    seat = desk.takeover.reserve("desk")
    assert (desk.takeover.by, desk.model.done, desk.events) == (None, [], [])
    await desk.takeover.hear(seat, AUDIO)
    await desk.takeover.hear(seat, AUDIO)
    assert desk.takeover.by == "desk"
    assert desk.model.done == ["aside"]
    assert desk.told == [(CallTakenOver, "desk", None)]
    assert bytes(desk.voice.spoken) == AUDIO * 2
    assert bytes(desk.ears[0].heard) == AUDIO * 2


async def test_somebody_else_gets_no_place_and_is_told_who_has_it():
    desk = Desk()
    desk.takeover.reserve("desk")
    with pytest.raises(TakenError, match="just being taken over by desk"):
        desk.takeover.reserve("other")
    await desk.taken()
    for by in ("desk", "other"):
        with pytest.raises(TakenError, match="is taken over by desk"):
            desk.takeover.reserve(by)


async def test_another_attempt_of_the_same_operator_replaces_one_that_did_not_come_through():
    desk = Desk()
    first = desk.takeover.reserve("desk")
    second = desk.takeover.reserve("desk")
    assert first.left.is_set()
    await desk.takeover.hear(first, AUDIO)
    assert desk.takeover.by is None
    desk.takeover.give_up(first)
    await desk.takeover.hear(second, AUDIO)
    assert desk.takeover.by == "desk"


async def test_an_operator_who_did_not_come_through_leaves_no_trace():
    desk = Desk()
    desk.takeover.give_up(desk.takeover.reserve("desk"))
    await desk.taken("other")
    assert desk.takeover.by == "other"
    assert desk.told == [(CallTakenOver, "other", None)]


async def test_the_agent_is_told_what_was_said_and_opens_when_it_has_the_caller_again():
    desk = Desk()
    seat = await desk.taken()
    desk.ears[0].on_words("i1", "a full", False)
    desk.ears[0].on_words("i1", "a full refund", True)
    await desk.takeover.hand_back("operator")
    _, said, back = desk.model.done
    assert "a full refund" in said
    assert back == ("back", LINES["operator"])
    words = [(e.text, e.by, e.final) for e in desk.events if isinstance(e, OperatorTranscript)]
    assert words == [("a full", "desk", False), ("a full refund", "desk", True)]
    assert desk.told[-1] == (CallHandedBack, "desk", "operator")
    assert desk.ears[0].is_closed
    assert seat.left.is_set()
    before = bytes(desk.voice.spoken)
    await desk.takeover.hear(seat, AUDIO)
    assert bytes(desk.voice.spoken) == before, "whoever has left is not heard"
    await desk.taken("other")
    assert desk.takeover.by == "other"


async def test_the_agent_waits_for_the_last_words_and_nobody_gets_in_meanwhile():
    desk = Desk()
    await desk.taken()
    [ear] = desk.ears
    ear.owes.clear()
    handing_back = asyncio.create_task(desk.takeover.hand_back("operator"))
    await asyncio.sleep(0)
    assert ear.patience_s == 2.5
    assert desk.model.done == ["aside"]
    with pytest.raises(TakenError, match="just being handed back"):
        desk.takeover.reserve("other")
    with pytest.raises(NotTakenError):
        await desk.takeover.hand_back("operator")
    ear.on_words("i1", "by Friday", True)
    ear.owes.set()
    await handing_back
    assert [type(step) for step in desk.model.done] == [str, str, tuple]


@pytest.mark.parametrize("reason", ["transfer", "call_ended"])
async def test_before_a_transfer_and_the_end_the_agent_is_back_at_once_and_says_nothing(reason):
    desk = Desk()
    await desk.taken()
    await desk.takeover.withdraw(reason)
    assert desk.ears[0].patience_s == 0
    assert desk.model.done[-1] == ("back", None)
    assert desk.told[-1] == (CallHandedBack, "desk", reason)


async def test_an_end_in_the_middle_of_handing_back_waits_for_it():
    desk = Desk()
    await desk.taken()
    desk.ears[0].owes.clear()
    handing_back = asyncio.create_task(desk.takeover.hand_back("operator"))
    await asyncio.sleep(0)
    ending = asyncio.create_task(desk.takeover.withdraw("call_ended"))
    await asyncio.sleep(0)
    assert not ending.done()
    desk.ears[0].owes.set()
    await asyncio.gather(handing_back, ending)
    assert desk.told[-1] == (CallHandedBack, "desk", "operator")


async def test_a_connection_that_breaks_with_its_first_sound_gives_back_what_it_has_taken_first():
    desk = Desk()
    desk.model.falls_silent.clear()
    seat = desk.takeover.reserve("desk")
    begins = asyncio.create_task(desk.takeover.hear(seat, AUDIO))
    await asyncio.sleep(0)
    ends = asyncio.create_task(desk.takeover.hand_back("connection_lost", seat=seat))
    await asyncio.sleep(0)
    assert desk.events == []
    desk.model.falls_silent.set()
    await asyncio.gather(begins, ends)
    assert desk.model.done == ["aside", ("back", LINES["connection_lost"])]
    assert [event for event, *_ in desk.told] == [CallTakenOver, CallHandedBack]


async def test_a_call_that_ends_with_an_operators_first_sound_was_not_taken_over():
    desk = Desk()
    desk.model.falls_silent.clear()
    seat = desk.takeover.reserve("desk")
    begins = asyncio.create_task(desk.takeover.hear(seat, AUDIO))
    await asyncio.sleep(0)
    await desk.takeover.close()
    desk.model.falls_silent.set()
    await begins
    assert desk.events == []
    assert seat.left.is_set()


async def test_an_end_takes_the_place_from_whoever_is_about_to_connect():
    desk = Desk()
    seat = desk.takeover.reserve("desk")
    await desk.takeover.withdraw("call_ended")
    assert seat.left.is_set()
    await desk.takeover.hear(seat, AUDIO)
    assert (desk.model.done, desk.events) == ([], [])


async def test_only_who_has_the_call_loses_it_with_their_connection():
    desk = Desk()
    old = desk.takeover.reserve("desk")
    seat = await desk.taken()
    with pytest.raises(NotTakenError):
        await desk.takeover.hand_back("connection_lost", seat=old)
    await desk.takeover.hand_back("connection_lost", seat=seat)
    assert desk.model.done[-1] == ("back", LINES["connection_lost"])
    with pytest.raises(NotTakenError, match="no operator"):
        await desk.takeover.hand_back("connection_lost", seat=seat)


async def test_what_waits_for_the_agent_goes_on_when_it_is_back():
    desk = Desk()
    await asyncio.wait_for(desk.takeover.agent_is_back(), 1)
    await desk.taken()
    waiting = asyncio.create_task(desk.takeover.agent_is_back())
    await asyncio.sleep(0)
    assert not waiting.done()
    await desk.takeover.hand_back("operator")
    await asyncio.wait_for(waiting, 1)


async def test_where_nothing_writes_the_operator_is_heard_all_the_same():
    desk = Desk(writes=False)
    await desk.taken()
    await desk.takeover.hand_back("operator")
    assert desk.model.done == ["aside", ("back", LINES["operator"])]
    assert bytes(desk.voice.spoken) == AUDIO


async def test_a_call_that_is_over_leaves_nobody_a_place_and_writes_the_last_words():
    desk = Desk()
    seat = await desk.taken()
    await desk.takeover.close()
    await desk.takeover.close()
    assert seat.left.is_set()
    assert desk.ears[0].is_closed
    assert desk.ears[0].patience_s == 2.5
