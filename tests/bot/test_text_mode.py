"""Calls from a browser that go on in writing while no model can speak."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import yaml

from bot.announcements import APOLOGY
from emulators.chat.app import chat_app
from emulators.chat.request import Request
from emulators.realtime.faults import Fault
from emulators.realtime.minds.script import script_from
from emulators.twilio.asgi_server import serving
from processors.events.calls import CallEnded, Problem
from processors.events.conversation import AgentTranscript, SessionState
from processors.guardrails import INSTEAD
from processors.text_mode import text_mode
from tests.bot.browser import READY, SocketPage, socket_page, typed
from tests.bot.events import events_of
from tests.bot.service import Service, model, service, until

NOWHERE = "ws://127.0.0.1:9/v1/realtime"

WRITER = """
turns:
  - match: transferred_to
    do: [{say: "Which city please?"}]
  - match: hotel
    do:
      - say: One moment.
      - call: {name: transfer_to_hotel_booking, arguments: {reason: hotel, context: in Paris}}
  - match: goodbye
    do: [{say: Goodbye then.}, {call: {name: end_call, arguments: {reason: done}}}]
  - match: rude
    do: [{say: "Well now. You are stupid."}]
  - match: asked|Paris
    do: [{say: In writing.}]
"""


@asynccontextmanager
async def writer(asked: list[Request] | None = None) -> AsyncIterator[str]:
    """A chat endpoint that follows the script."""
    app = chat_app(
        script_from(yaml.safe_load(WRITER)),
        observer=asked.append if asked is not None else None,
    )
    async with serving(app) as url:
        yield f"{url}/v1"


async def says(page: SocketPage, text: str) -> None:
    await page.tell(typed(text))
    await page.sees("user.transcript", text=text, final=True)


async def settle(running: Service) -> None:
    await until(lambda: not running.switchboard.calls.live)


def spoken_to(events: list[Any]) -> list[str]:
    return [e.state for e in events if isinstance(e, SessionState)]


async def test_a_call_without_a_voice_is_held_in_writing_from_the_greeting_to_the_goodbye():
    async with (
        writer() as chat,
        service(
            NOWHERE, openai_chat_url=chat, moderation_model="omni-moderation-latest"
        ) as running,
        events_of(running) as events,
    ):
        greeting = running.switchboard.team.entry.greeting
        async with socket_page(running) as page:
            await page.tell(READY)
            await page.sees("session.state", state="text", detail="chat")
            await page.sees("agent.transcript", text=greeting, final=True, agent="front_desk")
            await says(page, "I need a hotel")
            await page.sees("agent.transcript", text="One moment.", final=True)
            await page.sees("agent.changed", to_agent="hotel_booking", from_agent="front_desk")
            await page.sees("agent.transcript", text="Which city please?", agent="hotel_booking")
            await says(page, "be rude")
            await page.sees("guardrail.tripped", source="moderation", words="You are stupid.")
            await page.sees("agent.transcript", text=INSTEAD, final=True)
            await says(page, "goodbye")
            await page.sees("agent.transcript", text="Goodbye then.", final=True)
            await settle(running)
    assert spoken_to(events) == ["connecting", "text"]
    assert [(p.code, p.fatal) for p in events if isinstance(p, Problem)] == [
        ("voice_unavailable", False)
    ]
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["agent"]


async def test_a_call_goes_on_in_writing_and_back_by_voice_with_its_history(monkeypatch):
    monkeypatch.setattr(text_mode, "RETRY_S", 0.2)
    asked: list[Request] = []
    seeds: list[str] = []

    def observe(_session: object, direction: str, event: dict[str, Any]) -> None:
        if direction == "in" and event["type"] == "conversation.item.create":
            seeds.extend(part["text"] for part in event["item"].get("content", ()))

    async with (
        writer(asked) as chat,
        model(observer=observe) as emulator,
        service(emulator.url, openai_chat_url=chat, call_summaries=False) as running,
        events_of(running) as events,
        socket_page(running) as page,
    ):
        greeting = running.switchboard.team.entry.greeting
        await page.tell(READY)
        await page.sees("agent.transcript", text=greeting, final=True)
        refusing = emulator.arm(Fault(kind="refuse", code=503, times=0))
        emulator.arm(Fault(kind="drop", code=1011))
        await page.sees("session.state", state="text")
        await page.sees("agent.transcript", text=text_mode.AWAY, final=True)
        await says(page, "what have I asked")
        await page.sees("agent.transcript", text="In writing.", final=True)

        refusing.used = refusing.times = 1
        emulator.disarm()
        await page.sees("agent.transcript", text=text_mode.BACK, final=True)
        await says(page, "and now")
        await page.sees("agent.transcript", text="Very well then", final=True)
    await settle(running)
    states = spoken_to(events)
    assert states[:2] == ["connecting", "ready"]
    assert states[2:6] == ["lost", "reconnecting", "text", "ready"]
    conversation = [str(m.content) for m in asked[-1].messages if m.role != "system"]
    assert conversation == [greeting, text_mode.AWAY, "what have I asked"]
    assert seeds[:4] == [greeting, text_mode.AWAY, "what have I asked", "In writing."]
    assert page.audio_bytes > 0


@pytest.mark.call
async def test_a_browser_that_finds_neither_voice_nor_chat_hears_the_apology():
    async with (
        service(NOWHERE, openai_chat_url="http://127.0.0.1:9/v1") as running,
        events_of(running) as events,
    ):
        async with socket_page(running) as page:
            await page.tell(READY)
            await page.is_told("error")
            await page.sees("agent.transcript", text=APOLOGY.text, final=True)
            await settle(running)
        clip = running.switchboard.announcements.clip(APOLOGY, 24_000)
    assert page.audio_bytes >= len(clip.pcm)
    assert spoken_to(events) == ["connecting", "failed"]
    assert [(p.code, p.fatal) for p in events if isinstance(p, Problem)] == [("unavailable", True)]
    finals = [e.text for e in events if isinstance(e, AgentTranscript) and e.final]
    assert finals == [APOLOGY.text]
