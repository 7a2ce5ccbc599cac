"""A call that took place becomes a scenario."""

import wave

import numpy as np
import pytest
import yaml

from emulators.twilio.frames import decode
from emulators.twilio.suite.from_call import scenario_of, written
from emulators.twilio.suite.loading import ScenarioError, load
from emulators.twilio.suite.mouth import BROWSER, TELEPHONE
from emulators.twilio.suite.replaying import RecordedMouth, lines_of, turns_in, with_lines
from emulators.twilio.suite.scenario import Recorded
from tests.emulators.suite.made_calls import tone

RECORD = {
    "id": "call_3f0c5a77aa",
    "team": "travel",
    "channel": "phone",
    "direction": "inbound",
    "status": "completed",
    "reason": "agent",
    "ended_at": "2026-11-21T10:00:00Z",
    "answered_by": None,
    "summary": "A hotel in Paris was booked.",
    "data": {"destination": "Paris", "start_date": "2027-06-03", "confirmation_number": "407119"},
    "tool_calls": [
        {
            "tool": "transfer_to_hotel_booking",
            "agent": "front_desk",
            "arguments": {"reason": "a hotel"},
            "is_error": False,
        },
        {
            "tool": "search-hotel",
            "agent": "hotel_booking",
            "arguments": {"city": "Paris", "check_in": "2027-06-03", "guests": 2},
            "is_error": False,
        },
    ],
}


def user(text, number, *, final=True):
    return {"type": "user.transcript", "sequence": number, "text": text, "final": final}


EVENTS = [
    {"type": "agent.changed", "sequence": 1, "to_agent": "front_desk"},
    user("a hotel", 2, final=False),
    user("a hotel in Paris", 3),
    {"type": "interruption", "sequence": 4, "heard_ms": 1540},
    user("the first one", 5),
    {"type": "interruption", "sequence": 6, "heard_ms": 900},
    {"type": "agent.resumed", "sequence": 7},
    {"type": "dtmf.received", "sequence": 8, "digits": "12#", "sensitive": False},
    user("(pressed on the keypad) 1 2", 9),
    user("goodbye", 10),
    {"type": "agent.changed", "sequence": 11, "to_agent": "hotel_booking"},
]


def test_it_says_what_the_caller_said_and_checks_what_happened(tmp_path):
    path = tmp_path / "travel.yaml"
    path.write_text(written(scenario_of(RECORD, EVENTS)))
    [team] = load([path])
    [scenario] = team.file.scenarios
    assert yaml.safe_load(path.read_text())["scenarios"][0]["lines"] == [
        "a hotel in Paris",
        {"say": "the first one", "interrupt_after_s": 1.5},
        {"press": "12#"},
        "goodbye",
    ]
    checks = scenario.checks.model_dump(exclude_defaults=True)
    assert checks == {
        "tools": (
            {
                "name": "search-hotel",
                "arguments": {"city": "Paris", "check_in": {"matches": "-06-03$"}, "guests": 2},
                "agent": "hotel_booking",
                "is_error": False,
            },
        ),
        "data": {
            "destination": "Paris",
            "start_date": {"matches": "-06-03$"},
            "confirmation_number": {"matches": r"^\d{6}$"},
        },
        "agents": ("front_desk", "hotel_booking"),
        "ended_by": "agent",
    }


def test_who_was_called_says_first_what_he_said_first():
    planned = {"to": "+14155550123", "task": {"type": "survey"}}
    events = [
        {"type": "call.planned", "sequence": 0, "request": planned},
        EVENTS[0],
        user("hello", 2),
        user("yes go ahead", 3),
    ]
    file = scenario_of({**RECORD, "direction": "outbound", "answered_by": "human"}, events)
    [scenario] = file.scenarios
    assert scenario.outbound is not None
    assert scenario.outbound.request == {"task": {"type": "survey"}}
    assert scenario.persona.greeting == "hello"
    assert [str(line) for line in scenario.lines] == ["yes go ahead"]


def test_a_call_in_which_nothing_was_said_is_no_scenario():
    with pytest.raises(ValueError, match="call_3f0c5a77aa: the caller said nothing"):
        scenario_of(RECORD, EVENTS[:1])


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "call.wav"
    caller, agent = (decode(tone(*each)) for each in (((1, 2), (6, 8)), ((3, 5),)))
    both = np.stack([np.frombuffer(each, np.int16) for each in (caller, agent)], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(both.tobytes())
    return path


@pytest.mark.parametrize("format", [TELEPHONE, BROWSER], ids=["telephone", "browser"])
async def test_a_recorded_callers_own_voice_is_played_turn_by_turn(recording, format):
    turns = tuple(turns_in(recording))
    assert turns == ((0.9, 2.1), (5.9, 8.1))
    recorded = Recorded(audio=recording.name, turns=turns)
    path = recording.with_name("travel.yaml")
    path.write_text(written(scenario_of(RECORD, EVENTS, recorded)))
    [team] = load([path])
    [scenario] = team.file.scenarios
    assert scenario.recorded is not None
    mouth = RecordedMouth(scenario.recorded, format)
    seconds = [
        len(await mouth.say(line)) / format.frame_bytes * 0.02
        for line in lines_of(scenario.recorded)
    ]
    assert seconds == pytest.approx([1.2, 2.2], abs=0.02)
    assert [line.say for line in with_lines(scenario).lines] == lines_of(scenario.recorded)


def test_turns_beyond_a_recordings_end_are_a_fault(recording):
    with pytest.raises(ValueError, match=r"is 10\.0 s long and has no turn from 9\.0 to 12\.0 s"):
        RecordedMouth(Recorded(audio=str(recording), turns=((9, 12),)), TELEPHONE)


def test_what_is_no_recording_is_a_fault(tmp_path):
    path = tmp_path / "call.wav"
    path.write_text("no sound")
    with pytest.raises(ValueError, match="no sound file that can be read"):
        turns_in(path)


def test_a_recording_takes_the_place_of_lines(tmp_path):
    path = tmp_path / "travel.yaml"
    recorded = Recorded(audio="call.wav", turns=((1, 2),))
    file = yaml.safe_load(written(scenario_of(RECORD, EVENTS, recorded)))
    file["scenarios"][0]["lines"] = ["hello"]
    path.write_text(yaml.safe_dump(file))
    with pytest.raises(ScenarioError, match="recorded takes the place of lines and rules"):
        load([path])
