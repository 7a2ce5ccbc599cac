"""The instruments report what is wrong with a call, when something is."""

import asyncio
from dataclasses import replace

import pytest

from emulators.realtime.mind import Say
from tests.reliability.call import HOLD_LINE, Instruments, Placing, place_all
from tests.reliability.desk import DeskMind
from tests.reliability.matrix import failures
from tests.reliability.measure import measure
from tests.reliability.rows import CONTROL, ROWS
from tests.reliability.steps import Hears
from tests.reliability.voice import ToneWords
from tests.reliability.words import in_common, words_of

PAUSE_S = 0.7
TIMEOUT_S = 600


class Stammerer(DeskMind):
    """Says everything and then something more."""

    async def respond(self, prompt):
        async for action in super().respond(prompt):
            yield action
        if prompt.instructions.startswith("I am"):
            yield Say("oh well")


class Ponderer(DeskMind):
    """Thinks for a while before it says how it is, by the wall's time, which a line may lag."""

    async def respond(self, prompt):
        if "how are you" in str(prompt.items[-1:]):
            await asyncio.sleep(3 * PAUSE_S)
        async for action in super().respond(prompt):
            yield action


@pytest.mark.call
@pytest.mark.timeout(TIMEOUT_S)
async def test_what_a_call_lacks_is_reported():
    mute, deaf, halting, pondering = await place_all(
        [
            Placing(CONTROL, Instruments(voice=ToneWords(mute="fine"))),
            Placing(CONTROL, Instruments(deaf_to="today")),
            Placing(CONTROL, Instruments(voice=ToneWords(pause_before=("fine", PAUSE_S)))),
            Placing(CONTROL, Instruments(mind=Ponderer())),
        ],
        waits=True,
    )
    lost = measure(mute).lost
    assert lost == ("the caller did not hear 'fine'", "the transcript claims 'fine'")

    assert measure(deaf).lost == (
        "the model did not hear 'today'",
        "'today' is not in the transcript of the caller",
    )

    for call in (halting, pondering):
        gap_ms = measure(call).gap_ms
        assert gap_ms >= PAUSE_S * 1000 - 50
        assert measure(call).lost == ()

    strict = replace(CONTROL, gap_ms=0, expects=("session.renewed",))
    wrong = failures(replace(halting, row=strict, late_ms=0), measure(halting))
    assert wrong[0] == "there was no session.renewed"
    assert "ms longer, 0 at most" in wrong[1]


@pytest.mark.call
@pytest.mark.timeout(TIMEOUT_S)
async def test_what_a_call_has_too_much_of_is_reported():
    sound, forgetful, stammering = await place_all(
        [
            Placing(CONTROL),
            Placing(replace(CONTROL, patience_s=5), Instruments(mind=DeskMind(forgets=True))),
            Placing(CONTROL, Instruments(mind=Stammerer())),
        ],
        waits=True,
    )
    assert failures(sound, measure(sound), slack_ms=5000) == []

    assert not measure(forgetful).is_context_kept
    assert measure(forgetful).lines == 1

    # In all three answers; the greeting is said as it was asked for.
    assert measure(stammering).lines == 3
    assert measure(stammering).spurious


def test_the_line_for_who_waits_is_told_apart_by_its_words():
    lines = [step.line for row in ROWS for step in row.steps if isinstance(step, Hears)]
    assert len(lines) > len(ROWS)
    said = {word for line in lines for word in words_of(line)}
    assert not said & set(words_of(HOLD_LINE))


def test_words_that_two_accounts_share_keep_their_order():
    assert in_common(words_of("One, two. Three!"), words_of("one three two")) == 2
    assert in_common([], ["one"]) == 0
