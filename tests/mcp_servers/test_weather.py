"""Forecasts from a service, and climate normals where it does not reach."""

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import uvicorn
from mcp import Client
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mcp_servers import booking
from mcp_servers.weather import Forecasts

SUNNY = {
    "daily": {
        "time": ["2026-11-25"],
        "temperature_2m_max": [11.6],
        "temperature_2m_min": [-1.4],
        "precipitation_probability_max": [35],
    }
}


class ForecastService:
    """Answers as Open-Meteo does, or as it should not."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer: Response | None = JSONResponse(SUNNY)
        self.url = ""

    async def forecast(self, request: Request) -> Response:
        self.asked.append(dict(request.query_params))
        if self.answer is None:
            await asyncio.Event().wait()
        return self.answer

    @asynccontextmanager
    async def serve(self):
        app = Starlette(routes=[Route("/v1/forecast", self.forecast)])
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/forecast"
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        server.config.timeout_graceful_shutdown = 0
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
async def service():
    service = ForecastService()
    async with service.serve():
        yield service


async def ask(service, database, today, timeout_s=5.0, **arguments):
    forecasts = Forecasts(service.url, timeout_s=timeout_s)
    async with Client(booking.build(database, today=today, forecasts=forecasts)) as client:
        result = await client.call_tool("get-destination-weather", arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def test_a_day_within_reach_is_forecast(service, database, today):
    weather = await ask(service, database, today, city="Oslo", day="2026-11-25")
    assert weather["source"] == "forecast"
    assert (weather["high_celsius"], weather["low_celsius"]) == (12, -1)
    assert weather["summary"] == (
        "The forecast for Oslo on Wednesday, November twenty-fifth is twelve degrees by day and "
        "minus one degree at night, with a 35 percent chance of rain."
    )
    [asked] = service.asked
    assert asked["latitude"] == "59.91"
    assert (asked["start_date"], asked["end_date"]) == ("2026-11-25", "2026-11-25")


async def test_without_a_date_it_is_todays_weather(service, database, today):
    await ask(service, database, today, city="Oslo")
    assert service.asked[0]["start_date"] == today().isoformat()


@pytest.mark.parametrize("when", [{"month": "June"}, {"day": "2027-06-03"}])
async def test_a_month_or_a_far_day_is_answered_with_normals_without_asking(
    service, database, today, when
):
    weather = await ask(service, database, today, city="Rome", **when)
    assert weather["source"] == "climate normals"
    assert "In an average June, Rome has about twenty-eight degrees" in weather["summary"]
    assert service.asked == []


async def test_the_last_day_of_the_horizon_is_still_asked_for(service, database, today):
    for days in (15, 16):
        day = (today() + timedelta(days=days)).isoformat()
        await ask(service, database, today, city="Rome", day=day)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("down for maintenance", status_code=503),
        PlainTextResponse("<html>not what you think</html>"),
        JSONResponse({"daily": {"temperature_2m_max": []}}),
        JSONResponse({"error": True, "reason": "no such place"}, status_code=400),
    ],
    ids=["unavailable", "not JSON", "no values", "refused"],
)
async def test_a_service_that_fails_gives_way_to_normals_that_are_named_so(
    service, database, today, answer
):
    service.answer = answer
    weather = await ask(service, database, today, city="Oslo", day="2026-11-25")
    assert weather["source"] == "climate normals"
    assert weather["summary"].startswith("I can't reach the forecast right now. In an average Nov")


async def test_a_service_that_does_not_answer_is_not_waited_for(service, database, today):
    service.answer = None
    weather = await ask(service, database, today, timeout_s=0.1, city="Oslo")
    assert weather["source"] == "climate normals"


async def test_without_a_network_there_are_still_normals(desk):
    weather = await desk.ask("get-destination-weather", city="oslo")
    assert weather["source"] == "climate normals"


async def test_a_day_that_has_passed_is_refused(desk):
    refusal = await desk.refusal("get-destination-weather", city="Oslo", day="2026-11-01")
    assert "has passed" in refusal


def test_the_service_can_be_named_in_the_environment(monkeypatch):
    monkeypatch.setenv("WEATHER_API_URL", "http://forecast.example/v1/forecast")
    assert Forecasts().url == "http://forecast.example/v1/forecast"
    monkeypatch.setenv("WEATHER_API_URL", "")
    assert Forecasts().url == "https://api.open-meteo.com/v1/forecast"
