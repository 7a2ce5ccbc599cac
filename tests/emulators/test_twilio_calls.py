"""The states of a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.twilio.calls import Call, CallStatus, IllegalTransitionError


def call(direction: str = "outbound-api") -> Call:
    return Call(account_sid="AC1", from_="+15555550100", to="+15555550199", direction=direction)


def test_a_call_that_is_answered_goes_through_every_state():
    seen = []
    outgoing = call()
    outgoing.on_status = lambda changed: seen.append(str(changed.status))
    for status in ("initiated", "ringing", "in-progress", "completed"):
        outgoing.move_to(CallStatus(status))
    assert seen == ["initiated", "ringing", "in-progress", "completed"]
    assert outgoing.duration_s == 1
    assert outgoing.started <= outgoing.ended


def test_an_incoming_call_rings_from_the_start():
    assert call("inbound").status is CallStatus.RINGING


@pytest.mark.parametrize(
    ("through", "to"),
    [
        ([], "ringing"),
        ([], "in-progress"),
        (["initiated"], "in-progress"),
        (["initiated", "ringing"], "completed"),
        (["initiated", "ringing", "in-progress"], "busy"),
        (["initiated", "ringing", "in-progress"], "canceled"),
        (["initiated", "ringing", "busy"], "completed"),
    ],
)
def test_an_illegal_transition_is_refused_and_changes_nothing(through: list[str], to: str):
    outgoing = call()
    for status in through:
        outgoing.move_to(CallStatus(status))
    before = outgoing.status
    with pytest.raises(IllegalTransitionError):
        outgoing.move_to(CallStatus(to))
    assert outgoing.status is before


@given(st.lists(st.sampled_from(CallStatus), max_size=12))
def test_a_call_ends_once_and_has_a_duration_only_when_completed(wishes: list[CallStatus]):
    outgoing = call()
    ends = 0
    for wish in wishes:
        try:
            outgoing.move_to(wish)
        except IllegalTransitionError:
            continue
        ends += outgoing.status.is_final
    assert ends <= 1
    assert (outgoing.ended is not None) == (ends == 1)
    assert (outgoing.duration_s is not None) == (outgoing.status is CallStatus.COMPLETED)
