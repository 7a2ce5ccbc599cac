"""Stream tokens: one stream of one call, once, within a minute."""

import pytest

from bot.calls import new_call_id
from bot.stream_tokens import LIFETIME_S, LONGEST_TOKEN, StreamTokenError, StreamTokens

CALL = new_call_id()


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock) -> StreamTokens:
    return StreamTokens("a secret", clock=clock)


def refusal(tokens: StreamTokens, token: str, call_id: str = CALL, sid: str = "CA1") -> str:
    with pytest.raises(StreamTokenError) as refused:
        tokens.redeem(token, call_id=call_id, provider_call_id=sid)
    return str(refused.value)


def test_a_token_opens_its_call_once(tokens):
    token = tokens.issue(CALL, "CA1")
    assert refusal(tokens, token, call_id=new_call_id()) == "a token of another call"
    assert refusal(tokens, token, sid="CA2") == "a token of another call"
    tokens.redeem(token, call_id=CALL, provider_call_id="CA1")
    assert refusal(tokens, token) == "a token that was used before"


def test_a_token_expires_after_a_minute(tokens, clock):
    late, early = tokens.issue(CALL), tokens.issue(CALL)
    clock.now += LIFETIME_S
    tokens.redeem(early, call_id=CALL, provider_call_id="CA1")
    clock.now += 1
    assert refusal(tokens, late) == "a token that has expired"


def test_a_used_token_stays_used_until_it_expires(tokens, clock):
    clock.now += 0.9
    token = tokens.issue(CALL)
    tokens.redeem(token, call_id=CALL, provider_call_id="CA1")
    outcomes = set()
    for _ in range(2 * LIFETIME_S):
        clock.now += 1
        outcomes.add(refusal(tokens, token))
    assert outcomes == {"a token that was used before", "a token that has expired"}


def test_tokens_that_are_past_are_forgotten(tokens, clock):
    for _ in range(3 * LIFETIME_S):
        clock.now += 1
        tokens.redeem(tokens.issue(CALL), call_id=CALL, provider_call_id="CA1")
    assert len(tokens._used) <= LIFETIME_S + 2


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "x" * (LONGEST_TOKEN + 1), "\0"])
def test_what_is_no_token_is_refused(tokens, token):
    assert refusal(tokens, token) in ("no token", "a forged token")


def test_a_changed_token_is_refused_at_every_place(tokens):
    token = tokens.issue(CALL, "CA1")
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert refusal(tokens, changed) == "a forged token"


def test_a_token_of_another_process_is_refused(tokens, clock):
    other = StreamTokens("another secret", clock=clock)
    assert refusal(tokens, other.issue(CALL)) == "a forged token"


def test_a_token_fits_into_a_stream_parameter(tokens):
    assert len(tokens.issue(CALL, "CA" + "0" * 32)) < LONGEST_TOKEN
