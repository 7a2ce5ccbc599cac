"""The records over HTTP: lists, one call, deletion, and events as they happen and happened."""

import json
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from bot.records import reading
from bot.records.reading import CallFilter, list_calls
from bot.records.tables import Call
from bot.settings import Settings
from processors.events.calls import CallEnded, CallStarted
from processors.events.conversation import UserSpeech, UserTranscript
from processors.events.outcome import CallSummarised
from tests.bot.records.event_stream import stream
from tests.bot.records.stories import START, story
from tests.bot.service import service
from tests.patience import answered

NO_MODEL = "ws://127.0.0.1:9"
CALL = "call_" + "0" * 31 + "1"
OTHER = "call_" + "0" * 31 + "2"
SUMMARY = CallSummarised(summary="…", intent="hotel", outcome="follow_up", data={}, model="m")


def tell(running, events, call_id=CALL):
    emit = running.switchboard.bus.emitter(call_id)
    for event in events:
        emit(event)


async def known(client) -> None:
    """Returns once the call is written: one that no line belongs to is found nowhere else."""
    await answered(lambda: client.get(f"/api/calls/{CALL}"), lambda answer: answer.is_success)


@asynccontextmanager
async def serving(settings: Settings, **changes):
    chosen = {"database_url": settings.database_url, "data_dir": settings.data_dir, **changes}
    async with (
        service(NO_MODEL, **chosen) as running,
        httpx.AsyncClient(base_url=running.http, timeout=20) as client,
    ):
        yield running, client


async def test_a_call_is_listed_while_it_runs_and_told_whole_when_it_is_over(settings):
    async with serving(settings) as (running, client):
        tell(running, story()[:-1])
        listed = (await client.get("/api/calls")).json()
        assert listed["next"] is None
        assert [call["status"] for call in listed["calls"]] == ["in_progress"]
        tell(running, story()[-1:])
        record = (await client.get(f"/api/calls/{CALL}")).json()
    assert (record["status"], record["reason"], record["duration_s"]) == ("completed", "caller", 14)
    assert record["agents"] == ["front_desk", "hotel_booking"]
    assert [(each["from_agent"], each["reason"]) for each in record["handoffs"]] == [
        ("front_desk", "wants a hotel")
    ]
    assert [each["text"] for each in record["transcript"]] == [
        "How can I help?",
        "A hotel in Paris",
        "The Ritz",
    ]
    assert record["tool_calls"][0]["arguments"] == {"city": "Paris"}
    assert record["latency"] == {"turns": 2, "p50_ms": 400, "p95_ms": 600, "max_ms": 600}
    assert record["usage"][0]["responses"] == 2
    assert record["usage"][0]["input_text_tokens"] == 17
    assert record["recording"] is None


async def test_lists_are_filtered(settings):
    async with serving(settings) as (running, client):
        tell(running, story())
        tell(running, [CallStarted(team="survey", channel="mic", direction="outbound")], OTHER)

        async def found(**query):
            answer = await client.get("/api/calls", params=query)
            assert answer.status_code == 200, answer.text
            return [call["id"][-1] for call in answer.json()["calls"]]

        assert await found() == ["2", "1"]
        assert await found(status="completed") == ["1"]
        assert await found(status=["completed", "in_progress"]) == ["2", "1"]
        assert await found(team="survey") == ["2"]
        tell(running, [SUMMARY])
        assert await found(outcome="follow_up") == ["1"]
        assert await found(outcome="resolved") == []
        assert await found(agent="hotel_booking") == ["1"]
        assert await found(agent="front_desk") == []
        assert await found(direction="inbound") == ["1"]
        assert await found(text="PARIS hot") == ["1"]
        assert await found(text="Rome") == []
        assert await found(since="2026-01-01", until="2026-01-02") == []
        assert await found(since="2026-01-01") == ["2", "1"]
        assert await found(to="+14155550100") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "asleep"}, "status.0"),
        ({"limit": 0}, "limit"),
        ({"outcome": "fine"}, "outcome"),
        ({"next": "sideways"}, "next"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since"),
        ({"until": "1767225600"}, "until"),
        ({"text": "?!"}, "text"),
        ({"team": "a\0b"}, "team"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_named(tmp_path, query, field):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    async with serving(settings) as (_running, client):
        answer = await client.get("/api/calls", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_pages_have_every_call_once_whatever_begins_meanwhile(database):
    async def add(numbers):
        async with reading.AsyncSession(database) as session, session.begin():
            for number in numbers:
                # Three calls to a moment: the id decides.
                moment = START + timedelta(seconds=number // 3)
                session.add(
                    Call(
                        id=f"call_{number:03}",
                        status="completed",
                        created_at=moment,
                        updated_at=moment,
                    )
                )

    await add(range(20))
    seen, place = [], None
    while True:
        page = await list_calls(database, CallFilter(), after=place, limit=7)
        if not page:
            break
        seen += [call.id for call in page]
        place = reading.Place.read(reading.Place(page[-1].created_at, page[-1].id).written())
        await add(range(20 + len(seen), 22 + len(seen)))
    assert seen == [f"call_{number:03}" for number in reversed(range(20))]


async def test_a_call_that_is_over_can_be_deleted(settings):
    async with serving(settings) as (running, client):
        tell(running, story()[:-1])
        assert (await client.get(f"/api/calls/{CALL}")).status_code == 200
        assert (await client.delete(f"/api/calls/{CALL}")).status_code == 409
        tell(running, story()[-1:])
        await client.get(f"/api/calls/{CALL}")
        elsewhere: list[str] = []
        running.switchboard.records.when_erased(elsewhere.append)
        assert (await client.delete(f"/api/calls/{CALL}")).status_code == 204
        assert elsewhere == [CALL]
        # What is said of it later does not bring it back.
        tell(running, [UserSpeech(speaking=True)])
        for path in (f"/api/calls/{CALL}", f"/api/calls/{CALL}/events"):
            answer = await client.get(path, headers={"accept": "application/json"})
            assert answer.status_code == 404
        assert (await client.get("/api/calls", params={"text": "paris"})).json()["calls"] == []
        assert (await client.delete(f"/api/calls/{CALL}")).status_code == 404


async def test_a_calls_stream_has_what_was_and_what_happens(settings):
    events = story()
    async with serving(settings) as (running, client):
        tell(running, events[:4])
        await known(client)
        async with stream(client, f"/api/calls/{CALL}/events") as sse:
            assert await sse.types(4) == [event.type for event in events[:4]]
            tell(running, [UserSpeech(speaking=True)], OTHER)
            # The step of a transcript is shown as well.
            tell(running, events[4:])
            assert await sse.types(len(events) - 4) == [event.type for event in events[4:]]


async def test_a_stream_goes_on_where_it_was_also_after_a_restart(settings):
    events = story()
    async with serving(settings) as (running, client):
        tell(running, events)
        async with stream(client, f"/api/calls/{CALL}/events") as sse:
            third = [await sse.next() for _ in range(3)][-1]
            assert third["id"] == "3"
        position = (await client.get("/api/events", headers={"accept": "application/json"})).json()[
            "next"
        ]
    async with serving(settings) as (running, client):
        async with stream(client, f"/api/calls/{CALL}/events", last_event_id="3") as sse:
            assert await sse.types(1) == ["user.speech"]
            assert (await sse.next())["id"] == "6"
        tell(running, [UserSpeech(speaking=True)], OTHER)
        async with stream(client, "/api/events", last_event_id=str(position)) as sse:
            assert json.loads((await sse.next())["data"])["call_id"] == OTHER


async def test_all_calls_are_in_one_stream_from_now_on(settings):
    async with serving(settings) as (running, client):
        tell(running, story())
        async with stream(client, "/api/events") as sse:
            tell(running, [UserTranscript(item_id="x", text="hello", final=True)], OTHER)
            tell(running, [CallEnded(reason="agent", duration_s=1)], OTHER)
            first, second = await sse.next(), await sse.next()
        assert json.loads(first["data"])["text"] == "hello"
        assert int(second["id"]) > int(first["id"])


async def test_the_newest_events_of_several_calls_come_at_once(settings):
    events = story()
    async with serving(settings) as (running, client):
        tell(running, events)
        tell(running, [UserSpeech(speaking=True)], OTHER)
        wanted = {"call_id": [CALL, OTHER, "call_nobody"], "limit": 3}
        found = (await client.get("/api/calls/events", params=wanted)).json()["calls"]
        everything = await client.get(
            f"/api/calls/{CALL}/events", headers={"accept": "application/json"}
        )
        none = await client.get("/api/calls/events")
    assert found[CALL] == everything.json()["events"][-3:]
    assert [event["type"] for event in found[OTHER]] == ["user.speech"]
    assert set(found) == {CALL, OTHER}
    assert none.status_code == 422


async def test_events_come_as_json_by_the_page(settings):
    async with serving(settings) as (running, client):
        tell(running, story())
        client.headers["accept"] = "application/json"
        path = f"/api/calls/{CALL}/events"
        first = (await client.get(path, params={"limit": 4})).json()
        rest = (await client.get(path, params={"after": first["next"]})).json()
        everything = (await client.get("/api/events")).json()
    assert [event["sequence"] for event in first["events"]] == [1, 2, 3, 4]
    assert first["events"] + rest["events"] == everything["events"]
    assert [event["type"] for event in rest["events"][-2:]] == ["call.ended", "cost"]


async def test_events_of_no_call_are_not_found(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    async with serving(settings) as (_running, client):
        for call_id in (CALL, "nonsense", "%00"):
            for path in (f"/api/calls/{call_id}", f"/api/calls/{call_id}/events"):
                assert (await client.get(path)).status_code == 404
        answer = await client.get("/api/events", headers={"last-event-id": "x"})
        assert (answer.status_code, answer.json()["field"]) == (422, "Last-Event-ID")


async def test_the_document_for_machines_describes_every_event(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    async with serving(settings) as (_running, client):
        document = (await client.get("/openapi.json")).json()
    items = document["components"]["schemas"]["EventPage"]["properties"]["events"]["items"]
    assert items["discriminator"]["propertyName"] == "type"
    assert {"call.started", "tool.finished"} <= set(items["discriminator"]["mapping"])
    answer = document["paths"]["/api/calls/{call_id}/events"]["get"]["responses"]["200"]
    assert set(answer["content"]) == {"application/json", "text/event-stream"}
