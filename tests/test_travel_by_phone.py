"""The travel team by voice over the telephone: what the README promises, as a caller hears it."""

import sqlite3
from pathlib import Path

import pytest
from num2words import num2words
from rapidfuzz.distance import Levenshtein

from emulators.hearing.sphinx import PocketSphinxHearing
from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from emulators.twilio.report import call_report, transcripts
from emulators.twilio.transcripts import Listener
from tests.running import no_call_is_live, switchboard

pytestmark = pytest.mark.call

PATIENCE = Manners(patience_s=20)
"""A busy machine takes its time to understand."""


async def place(address: str, *lines: str) -> tuple[LiveCall, ScriptedCaller]:
    caller = ScriptedCaller([Say(line) for line in lines], manners=PATIENCE)
    async with Carrier() as carrier:
        return await carrier.call(f"{address}/twilio/voice", caller), caller


async def heard_in(live: LiveCall, caller: ScriptedCaller) -> str:
    """Everything that the caller heard, in words, as far as an ear that expects digits can tell."""
    hearing = PocketSphinxHearing()
    try:
        words = await transcripts(live, caller, Listener(hearing))
    finally:
        await hearing.close()
    report = call_report(live, caller, words)
    replies = [turn["reply"]["transcript"] for turn in report["turns"] if turn["reply"]]
    return " ".join(replies)


def bookings(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "test.db") as database:
        return list(database.execute("SELECT confirmation_number, status FROM travel_bookings"))


def spoken(number: str) -> str:
    return " ".join(num2words(int(digit)) for digit in number)


@pytest.mark.timeout(900)
async def test_a_hotel_is_booked_and_cancelled_by_voice(tmp_path):
    async with switchboard(tmp_path) as address:
        booking, caller = await place(
            address,
            "I need a hotel in Paris from June third to June sixth for two people",
            "book the first one",
            "John Smith",
            "yes please",
            "no thank you",
            "goodbye",
        )
        assert booking.ended_by == "application"
        [(number, status)] = bookings(tmp_path)
        assert status == "booked"
        # An offline ear may miss a digit; another number would share one or two with this one.
        heard = await heard_in(booking, caller)
        assert Levenshtein.distance(spoken(number).split(), digits_of(heard)) <= 1, heard

        await place(address, f"cancel my booking {spoken(number)}", "yes please", "goodbye")
        await no_call_is_live(address)
        assert bookings(tmp_path) == [(number, "cancelled")]


def digits_of(heard: str) -> list[str]:
    """The longest run of digits that was heard."""
    names = {num2words(digit) for digit in range(10)}
    runs: list[list[str]] = [[]]
    for word in heard.replace("[", " ").replace("?]", " ").split():
        if word in names:
            runs[-1].append(word)
        else:
            runs.append([])
    return max(runs, key=len)
