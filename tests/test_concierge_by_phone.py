"""The concierge calls businesses by telephone: a quote is noted, an appointment made."""

import sqlite3
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory
from emulators.twilio.caller import Manners, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.rest import rest_app
from tests.running import no_call_is_live, started

pytestmark = pytest.mark.call

TOKEN = "12345"
GARAGE, DENTIST = "+14155550121", "+14155550122"
PATIENT = Manners(patience_s=40, listens_first=False)
"""A busy machine takes its time to understand."""

REQUESTS = {
    GARAGE: {"business": "Mike's Auto Shop", "request": "get a quote for an oil change"},
    DENTIST: {"business": "Sunny Dental", "request": "book an appointment for a check up"},
}
ANSWERS = {
    GARAGE: ("that would be forty nine dollars", "parts and labor", "tomorrow", "yes", "no"),
    DENTIST: (
        "on Monday",
        "ten thirty in the morning",
        "there is no number",
        "nothing",
        "yes that is right",
        "no that is all",
    ),
}


def notes(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "test.db") as database:
        return list(database.execute(query))


@pytest.mark.timeout(400)
async def test_businesses_are_called_and_what_they_say_is_noted(tmp_path):
    directory = Directory(
        rules={
            number[-4:]: Callee(party=partial(ScriptedCaller, ["Hello?", *lines], manners=PATIENT))
            for number, lines in ANSWERS.items()
        }
    )
    async with (
        Carrier(auth_token=TOKEN, directory=directory) as carrier,
        serving(rest_app(carrier)) as api,
        started(
            tmp_path,
            TEAM="concierge",
            TWILIO_ACCOUNT_SID=carrier.account_sid,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_PHONE_NUMBER="+14155550100",
            TWILIO_API_URL=api,
            OUTBOUND_QUIET_HOURS="none",
        ) as (address, _process),
        httpx.AsyncClient(base_url=address) as http,
    ):
        records = {}
        for number, request in REQUESTS.items():
            context = {**request, "category": "local", "user": {"name": "John Doe"}}
            wish = {"to": number, "team": "concierge", "context": context}
            answer = await http.post("/api/calls", json=wish)
            assert answer.status_code == 202, answer.text
            *_earlier, business = carrier.calls.values()
            await business.over.wait()
            await no_call_is_live(address)
            placed = answer.json()["id"]
            records[number] = (await http.get(f"/api/calls/{placed}")).json()

    quotes = notes(tmp_path, "SELECT service, business, price, details FROM errand_quotes")
    assert quotes == [("oil change", "Mike's Auto Shop", 4900, "parts and labor")]
    [(business, day, at)] = notes(tmp_path, "SELECT business, day, at FROM errand_appointments")
    assert (business, date.fromisoformat(day).weekday(), at[:5]) == ("Sunny Dental", 0, "10:30")

    said = [each["text"] for each in records[GARAGE]["transcript"] if each["speaker"] == "agent"]
    assert said[0].startswith("Hello, this is an automated assistant calling for John Doe.")
    assert "price 49 dollars" in said[3]
    assert said[3].endswith("Is that right?")
    agents = [each["agent"] for each in records[DENTIST]["transcript"] if each["agent"]]
    assert list(dict.fromkeys(agents)) == ["main_concierge", "appointment_scheduler"]
