"""The weather at a destination: a forecast where one reaches, else what the month is usually like.

Forecasts come from Open-Meteo (https://open-meteo.com/en/docs), which needs no key.
"""

import logging
import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import httpx
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field, ValidationError

from mcp_servers import wording
from mcp_servers.travel.checks import known_city
from mcp_servers.travel.climate import NORMALS
from mcp_servers.travel.places import City

logger = logging.getLogger(__name__)

DEFAULT_URL = "https://api.open-meteo.com/v1/forecast"
TIMEOUT_S = 1.5
HORIZON_DAYS = 15
"""Open-Meteo forecasts 16 days, the first of which is today."""

Month = Literal[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTHS: tuple[str, ...] = get_args(Month)


class Weather(BaseModel):
    """The weather at a destination."""

    city: str
    source: Literal["forecast", "climate normals"] = Field(
        description="Normals are what a month is usually like; they predict no single day"
    )
    high_celsius: int = Field(description="By day")
    low_celsius: int = Field(description="At night")
    summary: str = Field(description="The answer as it can be read out to the caller")


class ForecastUnavailableError(Exception):
    """The forecast service did not answer in time, or not with a forecast."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One day's forecast: degrees Celsius, and the chance of rain or snow in percent if known."""

    high: int
    low: int
    rain_chance: int | None


class _Daily(BaseModel):
    temperature_2m_max: list[float] = Field(min_length=1)
    temperature_2m_min: list[float] = Field(min_length=1)
    precipitation_probability_max: list[int | None] = Field(min_length=1)


class _Reply(BaseModel):
    daily: _Daily


class Forecasts:
    """A client of a forecast service that speaks Open-Meteo's API.

    Args:
        url: Of its ``/v1/forecast``; ``WEATHER_API_URL`` or the public service by default.
        timeout_s: Longest wait for an answer; a caller is on the line.
    """

    def __init__(self, url: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url or os.environ.get("WEATHER_API_URL") or DEFAULT_URL
        self._client = httpx.AsyncClient(timeout=timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def day(self, city: City, day: date) -> Forecast:
        """The forecast for a day within the horizon; raises `ForecastUnavailableError`."""
        try:
            response = await self._client.get(
                self.url,
                params={
                    "latitude": city.latitude,
                    "longitude": city.longitude,
                    "daily": "temperature_2m_max,temperature_2m_min,precipitation_probability_max",
                    "timezone": "auto",
                    "start_date": day.isoformat(),
                    "end_date": day.isoformat(),
                },
            )
            daily = _Reply.model_validate_json(response.raise_for_status().content).daily
        except (httpx.HTTPError, ValidationError) as error:
            raise ForecastUnavailableError(type(error).__name__) from error
        return Forecast(
            high=round(daily.temperature_2m_max[0]),
            low=round(daily.temperature_2m_min[0]),
            rain_chance=daily.precipitation_probability_max[0],
        )


async def weather_report(
    forecasts: Forecasts, said: str, month: Month | None, day: date | None, today: date
) -> Weather:
    """The weather in a city on a day, in a month, or today when neither is given.

    A day within the horizon is forecast if the service can be reached; every other question is
    answered with climate normals, which the answer names as such.
    """
    city = known_city(said)
    if day is not None and day < today:
        raise ToolError(f"{wording.weekday(day)} has passed. Which day or month do you mean?")
    if month is not None and day is None:
        return _usual(city, _MONTHS.index(month), "")
    day = day or today
    if day > today + timedelta(days=HORIZON_DAYS):
        return _usual(city, day.month - 1, "That is too far ahead for a forecast. ")
    try:
        forecast = await forecasts.day(city, day)
    except ForecastUnavailableError as error:
        logger.warning("No forecast for %s (%s): answering with climate normals", city.name, error)
        return _usual(city, day.month - 1, "I can't reach the forecast right now. ")
    rain = "" if forecast.rain_chance is None else f", with a {forecast.rain_chance} percent "
    rain += "chance of rain" if rain else ""
    return Weather(
        city=city.name,
        source="forecast",
        high_celsius=forecast.high,
        low_celsius=forecast.low,
        summary=f"The forecast for {city.name} on {wording.weekday(day)} is "
        f"{_degrees(forecast.high)} by day and {_degrees(forecast.low)} at night{rain}.",
    )


def _usual(city: City, month: int, excuse: str) -> Weather:
    normal = NORMALS[city.name][month]
    return Weather(
        city=city.name,
        source="climate normals",
        high_celsius=normal.high,
        low_celsius=normal.low,
        summary=f"{excuse}In an average {_MONTHS[month]}, {city.name} has about "
        f"{_degrees(normal.high)} by day and {wording.number(normal.low)} at night, Celsius.",
    )


def _degrees(celsius: int) -> str:
    return wording.count(celsius, "degree")
