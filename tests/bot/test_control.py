"""People act on live calls over REST: end, say, coach, mute."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from httpx import AsyncClient

from processors.events.calls import CallEnded
from processors.events.conversation import AgentTranscript, DtmfSent
from processors.events.people import OperatorAction
from tests.bot.events import events_of
from tests.bot.phone import STOP
from tests.bot.service import Service, model, service, until
from tests.bot.test_phone_calls import Handset, handset, settle


@asynccontextmanager
async def talking(running: Service) -> AsyncIterator[tuple[Handset, str]]:
    """A call in which the agent has begun to greet, and its id."""
    async with handset(running) as phone:
        listening = asyncio.create_task(phone.listens())
        await phone.chunk_heard.wait()
        [call_id] = running.switchboard.calls.live
        yield phone, call_id
        if phone.socket.close_code is None:
            await phone.says(STOP)
        await listening
    await settle(running)


@asynccontextmanager
async def desk(running: Service) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(base_url=running.http) as client:
        yield client


def said(events: list[object]) -> list[str]:
    return [e.text for e in events if isinstance(e, AgentTranscript) and e.final]


async def test_an_operator_has_the_agent_say_a_line_and_ends_the_call_after_a_farewell():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
        desk(running) as client,
        talking(running) as (phone, call_id),
    ):
        line = "A supervisor will call you back today"
        spoken = await client.post(f"/api/calls/{call_id}/say", json={"text": line})
        assert (spoken.status_code, spoken.json()) == (202, {"call_id": call_id})
        with running.switchboard.bus.subscribe() as later:
            async for event in later:
                if said([event]) == [line]:
                    break
        farewell = "I have to end the call here"
        ended = await client.post(f"/api/calls/{call_id}/end", json={"farewell": farewell})
        assert ended.status_code == 202
        again = await client.post(f"/api/calls/{call_id}/end")
        assert again.status_code in (404, 409)
        await phone.socket.wait_closed()
    assert said(events)[-2:] == [line, farewell]
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["operator"]
    actions = [(e.action, e.by) for e in events if isinstance(e, OperatorAction)]
    assert actions == [("say", "local"), ("end", "local")]


async def test_a_coached_agent_knows_what_it_was_told_and_does_not_say_it():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
        desk(running) as client,
        talking(running) as (_, call_id),
    ):
        told = {"instruction": "Offer a free breakfast."}
        response = await client.post(f"/api/calls/{call_id}/coach", json=told)
        assert response.status_code == 200
        [session] = emulator.sessions
        await until(
            lambda: any("free breakfast" in str(i.wire) for i in session.conversation.items)
        )
        [item] = [i for i in session.conversation.items if "free breakfast" in str(i.wire)]
    assert item.wire["role"] == "system"
    assert not [text for text in said(events) if "breakfast" in text]


async def test_a_side_is_muted_once_and_unmuted_once():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
        desk(running) as client,
        talking(running) as (_, call_id),
    ):
        for who in ("caller", "agent"):
            for action in ("unmute", "mute", "mute", "unmute"):
                url = f"/api/calls/{call_id}/{action}"
                response = await client.post(url, json={"who": who})
                if action == "mute" and response.status_code == 200 and who == "agent":
                    line = await client.post(f"/api/calls/{call_id}/say", json={"text": "Hello"})
                    assert line.status_code == 409
                    assert "unmute" in line.json()["detail"]
    actions = [f"{e.action} {e.detail}" for e in events if isinstance(e, OperatorAction)]
    assert actions == ["mute caller", "unmute caller", "mute agent", "unmute agent"]


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("end", {}),
        ("say", {"text": "Hello"}),
        ("coach", {"instruction": "Be kind"}),
        ("mute", {"who": "agent"}),
        ("unmute", {"who": "agent"}),
    ],
)
async def test_a_call_that_is_not_live_is_unknown(action, body):
    async with (
        model() as emulator,
        service(emulator.url) as running,
        desk(running) as client,
    ):
        response = await client.post(f"/api/calls/call_x/{action}", json=body)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
        begins = running.switchboard.calls.admit()
        response = await client.post(f"/api/calls/{begins.id}/{action}", json=body)
        assert response.status_code == 409
        begins.release()


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("say", {"text": " "}, "text"),
        ("say", {}, "text"),
        ("coach", {"instruction": "x" * 4001}, "instruction"),
        ("mute", {"who": "everybody"}, "who"),
        ("end", {"farewell": "Bye", "when": "now"}, "when"),
    ],
)
async def test_a_wrong_request_is_told_which_field(action, body, field):
    async with model() as emulator, service(emulator.url) as running, desk(running) as client:
        response = await client.post(f"/api/calls/call_x/{action}", json=body)
    assert response.status_code == 422
    assert response.json()["field"] == field


async def test_keys_can_be_pressed_in_phone_calls_only():
    async with model() as emulator, service(emulator.url) as running, desk(running) as client:
        for digits in ("", "12x", "1" * 65):
            response = await client.post("/api/calls/call_x/digits", json={"digits": digits})
            assert (response.status_code, response.json()["field"]) == (422, "digits")
        async with events_of(running) as events, talking(running) as (_, call_id):
            response = await client.post(f"/api/calls/{call_id}/digits", json={"digits": "12#"})
            assert response.status_code == 202
            with running.switchboard.bus.subscribe() as later:
                async for event in later:
                    if isinstance(event, DtmfSent):
                        break
    assert [e.digits for e in events if isinstance(e, DtmfSent)] == ["12#"]


async def test_an_approval_that_nothing_waits_for_is_unknown():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        desk(running) as client,
        talking(running) as (_, call_id),
    ):
        url = f"/api/calls/{call_id}/approvals/approval_1"
        unknown = await client.post(url, json={"approve": True})
        wrong = await client.post(url, json={"approve": "perhaps"})
    assert unknown.status_code == 404
    assert (wrong.status_code, wrong.json()["field"]) == (422, "approve")
