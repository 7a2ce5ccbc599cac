"""Calls are summed up when they are over: once, whatever is away meanwhile, whoever does it."""

from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.after_call import summaries
from bot.settings import Settings
from emulators.chat.app import chat_app
from emulators.realtime.minds.rules import RulesMind
from emulators.twilio.asgi_server import serving
from processors.events.calls import CallEnded, CallPlanned, CallStarted
from processors.events.conversation import AgentTranscript, UserTranscript
from processors.events.figures import Usage
from processors.events.outcome import DataExtracted
from processors.events.tools import ToolCalled, ToolFinished
from tests.bot.service import Service, service, until
from tests.patience import PATIENCE_S, answered

CALL = "call_" + "0" * 31 + "1"
NO_MODEL = "ws://127.0.0.1:9"
PATH = "/v1/chat/completions"


class Model:
    """The chat emulator with its rules; and how often it was asked, or refused to answer."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.refusals: list[int] = []
        self.url = ""

    @asynccontextmanager
    async def running(self):
        inner = chat_app(RulesMind(), observer=self.asked.append)

        async def answer(request: Request):
            if self.refusals:
                status = self.refusals.pop(0)
                body = {"error": {"message": "no", "type": "x", "param": None, "code": None}}
                return JSONResponse(body, status)
            [route] = [route for route in inner.routes if route.path == PATH]
            return await route.endpoint(request)

        app = Starlette(routes=[Route(PATH, answer, methods=["POST"])])
        async with serving(app) as url:
            self.url = f"{url}/v1"
            yield self


@pytest.fixture
def kept(tmp_path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path)


@pytest.fixture
async def chat(monkeypatch):
    monkeypatch.setattr(summaries, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(summaries, "LOOK_EVERY_S", 0.2)
    async with Model().running() as model:
        yield model


@asynccontextmanager
async def running(kept: Settings, chat: Model | None, **changes: Any):
    chosen = {"database_url": kept.database_url, "data_dir": kept.data_dir, **changes}
    if chat:
        chosen |= {"openai_chat_url": chat.url, "openai_chat_key": "any"}
    async with service(NO_MODEL, **chosen) as here:
        yield here


def tell(here: Service, events: list[Any], call_id: str = CALL) -> None:
    emit = here.switchboard.bus.emitter(call_id)
    for event in events:
        emit(event)


def booking() -> list[Any]:
    arguments = {"city": "Paris", "check_in": "2027-06-03", "confirmation_number": "482915"}
    return [
        CallStarted(team="travel", channel="websocket"),
        AgentTranscript(item_id="a1", agent="front_desk", text="How can I help?", final=True),
        UserTranscript(item_id="u1", text="I need a hotel in Paris", final=True),
        ToolCalled(tool_call_id="t1", agent="hotel", tool="book_hotel", arguments=arguments),
        ToolFinished(
            tool_call_id="t1",
            tool="book_hotel",
            output='{"summary": "Booked.", "confirmation_number": "482915"}',
            is_error=False,
            duration_ms=5,
        ),
        Usage(response_id="r1", model="gpt-realtime-2.1", output_audio_tokens=1000),
        CallEnded(reason="caller", duration_s=20),
    ]


async def record_of(here: Service, call_id: str = CALL) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=here.http, timeout=PATIENCE_S) as client:
        answer = await client.get(f"/api/calls/{call_id}")
        return answer.json() if answer.status_code == 200 else {}


async def summed_up(here: Service, call_id: str = CALL) -> dict[str, Any]:
    return await answered(lambda: record_of(here, call_id), lambda record: record.get("summary"))


async def test_a_call_that_is_over_gets_a_summary_its_data_and_what_that_cost(settings, chat):
    async with running(settings, chat) as here:
        tell(here, booking()[:-1])
        assert not chat.asked, "the call goes on"
        tell(here, booking()[-1:])
        record = await summed_up(here)
        await until(lambda: len(chat.asked) == 1)
    assert "I need a hotel in Paris" in record["summary"]
    assert (record["intent"], record["outcome"]) == ("book hotel", "resolved")
    assert record["data"]["confirmation_number"] == "482915"
    models = {usage["model"]: usage for usage in record["usage"]}
    assert models["gpt-5.4-mini"]["input_text_tokens"] > 0
    spoken = 1000 * 64 / 1e6
    written = models["gpt-5.4-mini"]
    extra = (written["input_text_tokens"] * 0.75 + written["output_text_tokens"] * 4.5) / 1e6
    async with running(settings, None) as here:
        cost = (await record_of(here))["cost_usd"]
    assert cost == pytest.approx(spoken + extra, abs=1e-6)


async def test_what_the_agent_took_down_counts_more_than_what_was_read_since(kept, chat):
    survey = {
        "type": "survey",
        "organisation": "Hotel Sunrise",
        "topic": "your stay",
        "questions": [{"key": "rating", "text": "How was it?", "kind": "rating"}],
    }
    planned = CallPlanned(
        request={"to": "+14155550123", "task": survey, "metadata": {"customer": "7"}}
    )
    async with running(kept, chat) as here:
        record_answers = ToolCalled(
            tool_call_id="t1", agent="survey", tool="record_answers", arguments={"rating": 2}
        )
        extracted = DataExtracted(agent="survey", data={"rating": 4})
        started = CallStarted(team="outreach", channel="phone", direction="outbound")
        said = UserTranscript(item_id="u1", text="it was fine", final=True)
        ended = CallEnded(reason="agent", duration_s=9)
        tell(here, [planned, started, said, record_answers, extracted, ended])
        record = await summed_up(here)
    [asked] = chat.asked
    assert "rating" in asked.answer_schema["properties"]["data"]["properties"]
    assert record["data"] == {"rating": 4}
    assert record["meta"] == {"customer": "7"}


async def test_where_nobody_spoke_no_model_is_asked(kept, chat):
    other = "call_" + "0" * 31 + "2"
    async with running(kept, chat) as here:
        greeted = AgentTranscript(item_id="a1", agent="front_desk", text="Hello?", final=True)
        silent = [CallStarted(team="travel", channel="phone"), greeted]
        tell(here, [*silent, CallEnded(reason="caller", duration_s=3)], other)
        tell(here, booking())
        await summed_up(here)
        assert (await record_of(here, other))["summary"] is None
    assert len(chat.asked) == 1


async def test_a_model_that_is_away_is_asked_again_and_one_that_refuses_is_not(kept, chat):
    async with running(kept, chat) as here:
        chat.refusals = [503, 429, 500]
        tell(here, booking())
        await summed_up(here)
        assert len(chat.asked) == 1
        other = "call_" + "0" * 31 + "2"
        chat.refusals = [400]
        tell(here, booking(), other)
        await until(lambda: not chat.refusals)
    async with running(kept, chat) as here:
        # Looked at again after the restart: the refusal is in the records.
        tell(here, booking(), third := "call_" + "0" * 31 + "3")
        await summed_up(here, third)
        assert (await record_of(here, other))["summary"] is None
    assert len(chat.asked) == 2


async def test_a_process_that_stopped_too_early_makes_it_up_after_its_restart(kept, chat):
    async with running(kept, None) as here:
        tell(here, booking())
    async with running(kept, chat) as here:
        record = await summed_up(here)
        assert [each["text"] for each in record["transcript"]][-1] == "I need a hotel in Paris"
    async with running(kept, chat) as here:
        tell(here, booking(), other := "call_" + "0" * 31 + "2")
        await summed_up(here, other)
    assert len(chat.asked) == 2


async def test_of_several_instances_one_does_it(postgres, tmp_path, chat):
    one, other = (
        Settings(_env_file=None, database_url=postgres, data_dir=tmp_path / name)
        for name in ("one", "other")
    )
    async with running(one, chat) as first, running(other, chat) as second:
        tell(first, booking())
        tell(second, booking(), theirs := "call_" + "0" * 31 + "2")
        await summed_up(first)
        await summed_up(second, theirs)
    assert len(chat.asked) == 2


async def test_it_can_be_switched_off(kept, chat):
    async with running(kept, chat, call_summaries=False) as here:
        assert here.switchboard.summaries is None
