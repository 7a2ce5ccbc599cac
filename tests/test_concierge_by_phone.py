"""The concierge calls businesses by telephone: an appointment made, a quote noted, a machine."""

import asyncio
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory, greeter
from emulators.twilio.carrier import Carrier
from emulators.twilio.rest import rest_app
from tests.running import no_call_is_live, started

pytestmark = pytest.mark.call

TOKEN = "12345"
GARAGE, DENTIST, MACHINE = "+14155550121", "+14155550122", "+14155550013"
REQUESTS = {
    GARAGE: {"business": "Mike's Auto Shop", "request": "get a quote for an oil change"},
    DENTIST: {"business": "Sunny Dental", "request": "book an appointment for a check up"},
    MACHINE: {"business": "Closed Shop", "request": "get a quote for a repair"},
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


@pytest.mark.timeout(300)
async def test_businesses_are_called_at_once_and_what_they_say_is_noted(tmp_path):
    directory = Directory(
        rules={
            number[-4:]: Callee(party=lambda lines=lines: greeter(*lines), ring_s=0.2)
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
        placed = {}
        for number, request in REQUESTS.items():
            context = {**request, "category": "local", "user": {"name": "John Doe"}}
            wish = {"to": number, "team": "concierge", "context": context}
            answer = await http.post("/api/calls", json=wish)
            assert answer.status_code == 202, answer.text
            placed[number] = answer.json()["id"]
        async with asyncio.timeout(240):
            for each in list(carrier.calls.values()):
                await each.over.wait()
        await no_call_is_live(address)
        records = {
            number: (await http.get(f"/api/calls/{call_id}")).json()
            for number, call_id in placed.items()
        }

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
    assert records[MACHINE]["answered_by"] == "machine"
