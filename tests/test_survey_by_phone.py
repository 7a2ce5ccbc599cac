"""A survey by telephone, as its user sees it: from the request to what is kept of the call."""

import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from emulators.hearing.sphinx import PocketSphinxHearing
from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory, greeter
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from emulators.twilio.report import call_report, transcripts
from emulators.twilio.rest import rest_app
from emulators.twilio.transcripts import Listener
from tests.patience import PATIENCE_S
from tests.running import no_call_is_live, started

pytestmark = pytest.mark.call

TOKEN = "12345"
OURS, THEIRS = "+14155550100", "+14155550123"
TASK = {
    "type": "survey",
    "organisation": "Hotel Sunrise",
    "topic": "your stay",
    "questions": [
        {"key": "rating", "text": "How was your stay?", "kind": "rating"},
        {
            "key": "room",
            "text": "Which room did you have?",
            "kind": "choice",
            "options": ["single", "double", "suite"],
        },
        {"key": "come_again", "text": "Would you come again?", "kind": "yes_no"},
    ],
}
ANSWERS = ("yes go ahead", "I would say four", "a double", "yes I would")
HEARD = (
    "how was your stay",
    "which room did you have",
    "would you come again",
    "thank you for your time",
)
"""Of what the agent says; an offline ear leaves out what it is not sure of."""


@asynccontextmanager
async def line(folder: Path) -> AsyncIterator[tuple[Carrier, httpx.AsyncClient]]:
    """A carrier whose one subscriber answers surveys, and the service that has an account there."""
    person = Callee(party=lambda: greeter(*ANSWERS), ring_s=0.2)
    async with (
        Carrier(auth_token=TOKEN, directory=Directory(person)) as carrier,
        serving(rest_app(carrier)) as api,
        started(
            folder,
            TWILIO_ACCOUNT_SID=carrier.account_sid,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_PHONE_NUMBER=OURS,
            TWILIO_API_URL=api,
            OUTBOUND_QUIET_HOURS="none",
            RECORDING="announce",
            RECORDING_FORMAT="wav",
        ) as (address, _process),
        httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as http,
    ):
        yield carrier, http


async def heard_by(callee: LiveCall) -> str:
    """What was said to whoever took the call, as far as an offline ear can tell."""
    hearing = PocketSphinxHearing()
    try:
        words = await transcripts(callee, callee.party, Listener(hearing, HEARD))
    finally:
        await hearing.close()
    turns = call_report(callee, callee.party, words)["turns"]
    return " ".join(turn["reply"]["transcript"] for turn in turns if turn["reply"])


async def events_of(http: httpx.AsyncClient, call_id: str) -> list[dict[str, Any]]:
    """All events of a call that is over."""
    events = []
    async with http.stream("GET", f"/api/calls/{call_id}/events") as stream:
        async for text in stream.aiter_lines():
            if text.startswith("data:"):
                events.append(json.loads(text.removeprefix("data:")))
                if events[-1].get("status") == "completed":
                    break
    return events


async def test_a_survey_comes_home_with_answers_a_recording_and_its_cost(tmp_path):
    async with line(tmp_path) as (carrier, http):
        placed = await http.post("/api/calls", json={"to": THEIRS, "task": TASK})
        assert placed.status_code == 202, placed.text
        call_id = placed.json()["id"]
        [callee] = carrier.calls.values()
        await callee.over.wait()
        await no_call_is_live(str(http.base_url))

        events = await events_of(http, call_id)
        record = (await http.get(f"/api/calls/{call_id}")).json()
        recording = await http.get(f"/api/calls/{call_id}/recording")

    assert callee.call.notes == []
    assert callee.ended_by == "api", "the agent ended it, not who was called"
    statuses = [event["status"] for event in events if event["type"] == "call.status"]
    assert statuses == ["initiated", "ringing", "in_progress", "completed"]

    assert (record["status"], record["task"]) == ("completed", "survey")
    assert record["data"] == {"rating": 4, "room": "double", "come_again": True}
    said = [(each["speaker"], each["text"]) for each in record["transcript"]]
    assert said[0] == ("caller", "hello"), "who is called speaks first"
    assert "This call is recorded. Hello, this is the automated assistant" in said[1][1]
    assert [text for speaker, text in said[2:] if speaker == "agent"] == [
        "How was your stay? From 1 to 5, please.",
        "Which room did you have? Single, double or suite?",
        "Would you come again?",
        "Thank you for your time. Goodbye!",
    ]
    assert record["cost_usd"] > 0

    heard = await heard_by(callee)
    for sentence in HEARD:
        assert heard.count(sentence) == 1, heard

    assert record["recording"]["available"]
    with wave.open(io.BytesIO(recording.content)) as kept:
        assert kept.getnchannels() == 2
        sound = np.frombuffer(kept.readframes(kept.getnframes()), dtype="<i2").reshape(-1, 2)
        seconds = kept.getnframes() / kept.getframerate()
    assert record["recording"]["duration_s"] == pytest.approx(seconds, abs=0.1)
    loud = np.abs(sound.astype(int)) > 500
    assert loud[:, 0].any(), "the person"
    assert loud[:, 1].any(), "the agent"
