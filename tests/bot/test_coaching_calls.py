"""A coached agent answers differently, and the caller hears nothing of the coaching."""

import pytest

from emulators.twilio.caller import Manners, Say, ScriptedCaller, Until
from emulators.twilio.carrier import Carrier
from processors.events.conversation import AgentTranscript
from processors.events.people import OperatorAction
from tests.bot.call_sound import LOUD, RATE, heard, loud_ms
from tests.bot.service import until
from tests.bot.takeover_desk import has, of, takeover_service
from tests.emulators.recalling_mind import COACHED, UNKNOWING
from tests.emulators.standins import WORD_MS

INSTRUCTION = "Offer free breakfast to whoever asks about meals"


@pytest.mark.call
@pytest.mark.timeout(120)
async def test_coaching_changes_the_next_answer_and_is_not_in_what_the_caller_hears():
    async with (
        Carrier() as carrier,
        takeover_service(caller=["Is there breakfast"] * 2) as (running, client, events),
    ):
        caller = ScriptedCaller(
            [
                Say("Is there breakfast"),
                Until(lambda: has(events, OperatorAction)),
                Say("Is there breakfast"),
                Until(lambda: has(events, AgentTranscript, text=COACHED, final=True)),
            ],
            manners=Manners(quiet_s=0.5, longest_turn_s=90),
        )
        live = await carrier.ring(f"{running.http}/twilio/voice", caller)
        await until(lambda: has(events, AgentTranscript, text=UNKNOWING, final=True), timeout_s=60)
        [call_id] = running.switchboard.calls.live
        # All that was said is heard, and silence is heard after it.
        enough = len(heard(live)) + RATE // 2
        await until(lambda: len(heard(live)) > enough, timeout_s=60)
        before = len(heard(live))
        told = {"instruction": INSTRUCTION}
        assert (await client.post(f"/api/calls/{call_id}/coach", json=told)).status_code == 200
        await live.over.wait()
    said = [event for event in of(events, AgentTranscript) if event.final]
    assert [event.text for event in said[-2:]] == [UNKNOWING, COACHED]
    coaching_words = set(INSTRUCTION.lower().split())
    assert not any(coaching_words & set(event.text.lower().split()) for event in said)
    after = heard(live)[before:]
    [first, *_] = [at for at, sample in enumerate(abs(after.astype(int))) if sample > LOUD]
    answered = caller.turns[-1].end
    assert before + first >= answered, "nothing is heard before the caller has asked again"
    assert loud_ms(after) <= (len(COACHED.split()) + 1) * WORD_MS, "nothing but the answer"
