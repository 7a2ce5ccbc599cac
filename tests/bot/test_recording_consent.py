"""Callers who are asked whether they may be recorded: what they answer decides what is on disk."""

import pytest

from bot.recording.wording import QUESTION
from emulators.realtime import RealtimeEmulator
from emulators.realtime.minds.rules import RulesMind
from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from processors.events.conversation import AgentTranscript
from processors.events.recording import Consent, RecordingFinished, RecordingStarted
from tests.bot.call_sound import loud_ms, said
from tests.bot.events import events_of
from tests.bot.service import service, until
from tests.bot.test_recording import channels, files_of, of_type
from tests.emulators.standins import ScriptedHearing, ToneSpeech


def thoughtful(*lines: str) -> RealtimeEmulator:
    """A model that finds its tools by their descriptions, and hears these lines."""
    hearing = ScriptedHearing(lines, check=False)
    return RealtimeEmulator(mind=RulesMind(), speech=ToneSpeech(), hearing=hearing)


@pytest.mark.call
async def test_a_caller_says_yes_and_later_stop_recording():
    async with (
        Carrier() as carrier,
        thoughtful("yes you may", "stop recording") as emulator,
        service(emulator.url, recording="consent", recording_format="wav") as running,
        events_of(running) as events,
    ):
        caller = ScriptedCaller(
            [Say("Yes, you may"), Say("Stop recording")],
            manners=Manners(quiet_s=0.5, linger_s=0.2),
        )
        live = await carrier.call(f"{running.http}/twilio/voice", caller)
        await until(lambda: not running.switchboard.calls.live)
        (path,) = files_of(running)
        left, _ = channels(path)
    assert QUESTION in next(e.text for e in of_type(events, AgentTranscript) if e.final)
    first, second = of_type(events, Consent)
    assert (first.granted, second.granted) == (True, False)
    (began,), (finished,) = of_type(events, RecordingStarted), of_type(events, RecordingFinished)
    assert first.sequence < began.sequence < second.sequence < finished.sequence
    assert began.file == finished.file == path.name
    # What was said before the yes, and the yes itself, is not in it; what came after is kept.
    turn = caller.turns[1]
    request = said(live)[turn.start : turn.end]
    assert loud_ms(left) == pytest.approx(loud_ms(request), abs=60)


@pytest.mark.call
async def test_of_a_caller_who_says_no_there_is_nothing_on_disk():
    async with (
        Carrier() as carrier,
        thoughtful("no I'd rather you did not") as emulator,
        service(emulator.url, recording="consent", recording_format="wav") as running,
        events_of(running) as events,
    ):
        caller = ScriptedCaller(
            [Say("No, I'd rather you did not")], manners=Manners(quiet_s=0.5, linger_s=0.2)
        )
        await carrier.call(f"{running.http}/twilio/voice", caller)
        await until(lambda: not running.switchboard.calls.live)
        assert not (running.switchboard.settings.data_dir / "recordings").exists()
    assert [e.granted for e in of_type(events, Consent)] == [False]
    assert not of_type(events, RecordingStarted)
