"""Checks of what a caller asked for; each failure is a sentence that can be said to them."""

from datetime import date

from mcp.server.mcpserver.exceptions import ToolError

from mcp_servers.travel.places import City, UnknownCityError, find_city
from mcp_servers.wording import count, weekday

LONGEST_STAY = 30
HORIZON_DAYS = 540


def known_city(said: str) -> City:
    """The city that was said; raises `ToolError` that offers the nearest names."""
    try:
        return find_city(said)
    except UnknownCityError as error:
        raise ToolError(str(error)) from None


def future(day: date, today: date) -> None:
    """Raise `ToolError` unless ``day`` can be booked: today or later, and within the horizon."""
    if day < today:
        raise ToolError(
            f"{weekday(day)} {day.year} is in the past; today is {weekday(today)} {today.year}. "
            "Which date would you like?"
        )
    if (day - today).days > HORIZON_DAYS:
        raise ToolError(f"{weekday(day)} {day.year} is too far ahead to be booked yet.")


def stay(first: date, last: date, today: date, first_name: str, last_name: str) -> None:
    """Raise `ToolError` unless the days are in order, in the future and not too many."""
    future(first, today)
    if last <= first:
        raise ToolError(
            f"The {last_name} date, {weekday(last)}, must be after the {first_name} date, "
            f"{weekday(first)}. Which {last_name} date would you like?"
        )
    if (last - first).days > LONGEST_STAY:
        raise ToolError(f"The longest that can be booked at once is {count(LONGEST_STAY, 'day')}.")


def full_name(said: str) -> str:
    """A person's name as it is written; raises `ToolError` if there are no letters in it.

    Speech recognisers write names in lower case: such a name gets its capitals.
    """
    name = " ".join(said.split())
    name = name.title() if name.islower() else name
    if not any(letter.isalpha() for letter in name):
        raise ToolError("I need a name for the booking. What is the name?")
    return name
