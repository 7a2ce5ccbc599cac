"""Figures over many calls, for the console's charts."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel

from bot.api.access import Reader, SwitchboardOf
from bot.api.history import AWAY, reading
from bot.api.problems import Problem
from bot.records.numbers import Question, Spread, Sums, ToolSums, read_numbers

MOST_PERIODS = 400
USUAL_DAYS = 30

Key = TypeVar("Key")
By = Literal["day", "week", "month"]

router = APIRouter(prefix="/api", tags=["records"], responses=AWAY)


class Figures(BaseModel):
    """Some calls, and how quickly their turns were answered; null where there were no turns."""

    calls: int
    statuses: dict[str, int]
    cost_usd: float
    duration_s: float
    turns: int
    p50_ms: float | None
    p95_ms: float | None


class PeriodFigures(Figures):
    """The calls that began in a period, which ends where the next one starts."""

    start: datetime


class WholeFigures(Figures):
    """The same, with what came of the calls."""

    outcomes: dict[str, int]


class AgentFigures(WholeFigures):
    """Calls that an agent had last, and turns that it answered; empty names are not known."""

    team: str
    agent: str


class TeamFigures(WholeFigures):
    """The calls of a team."""

    team: str


class ToolFigures(BaseModel):
    """The calls of a tool that were answered."""

    tool: str
    calls: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None


class NumbersView(BaseModel):
    """What was asked for, in sum, by period, team, agent and tool."""

    start: datetime
    end: datetime
    by: By
    time_zone: str
    total: WholeFigures
    periods: list[PeriodFigures]
    teams: list[TeamFigures]
    agents: list[AgentFigures]
    tools: list[ToolFigures]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, LookupError, ValueError):
        raise ValueError("a time zone such as Europe/Berlin") from None
    return name


def _plain(value: str) -> str:
    if "\0" in value:
        raise ValueError("text without NUL")
    return value


Name = Annotated[str, AfterValidator(_plain)]


@router.get("/numbers")
async def numbers(
    switchboard: SwitchboardOf,
    _caller: Reader,
    from_: Annotated[date | None, Query(alias="from", description="The first day.")] = None,
    to: Annotated[date | None, Query(description="The last day; today by default.")] = None,
    by: Annotated[By, Query(description="How long a period is; weeks begin on Monday.")] = "day",
    time_zone: Annotated[
        Annotated[str, AfterValidator(_zone)],
        Query(max_length=64, description="Whose days they are (IANA)."),
    ] = "UTC",
    team: Annotated[Name | None, Query(max_length=200)] = None,
    agent: Annotated[Name | None, Query(max_length=200)] = None,
) -> NumbersView:
    """How many calls there were, how they went, how quick they were, and what they cost."""
    zone = ZoneInfo(time_zone)
    last = to or datetime.now(zone).date()
    first = from_ or last - timedelta(days=min(USUAL_DAYS - 1, (last - date.min).days))
    ends = _ends(first, last, by, zone)
    async with reading(switchboard.records) as database:
        found = await read_numbers(database, Question(ends=ends, team=team, agent=agent))
    return NumbersView(
        start=ends[0],
        end=ends[-1],
        by=by,
        time_zone=time_zone,
        total=WholeFigures(**_whole(found.total)),
        periods=[
            PeriodFigures(start=start, **_figures(sums))
            for start, sums in zip(ends, found.periods, strict=False)
        ],
        teams=[TeamFigures(team=name, **_whole(sums)) for name, sums in _most(found.teams)],
        agents=[
            AgentFigures(team=pair[0], agent=pair[1], **_whole(sums))
            for pair, sums in _most(found.agents)
        ],
        tools=_tools(found.tools),
    )


def _ends(first: date, last: date, by: By, zone: ZoneInfo) -> list[datetime]:
    """Where the periods begin, and where the last one ends."""
    if first > last:
        raise Problem(422, "from: not after `to`", field="from")
    days = [first]
    try:
        while days[-1] <= last:
            if len(days) > MOST_PERIODS:
                raise Problem(
                    422,
                    f"by: these are more than {MOST_PERIODS} periods; ask for longer ones",
                    field="by",
                )
            days.append(min(_next(days[-1], by), last + timedelta(days=1)))
        return [datetime.combine(day, time.min, zone).astimezone(UTC) for day in days]
    except OverflowError:
        raise Problem(422, "to: a day before the year 9999", field="to") from None


def _next(day: date, by: By) -> date:
    match by:
        case "day":
            return day + timedelta(days=1)
        case "week":
            return day + timedelta(days=7 - day.weekday())
        case "month":
            return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _most(sums: Mapping[Key, Sums]) -> Iterable[tuple[Key, Sums]]:
    return sorted(sums.items(), key=lambda each: -each[1].statuses.total())


def _figures(sums: Sums) -> dict[str, Any]:
    return {
        "calls": sums.statuses.total(),
        "statuses": dict(sums.statuses),
        "cost_usd": round(sums.cost_usd, 6),
        "duration_s": round(sums.duration_s, 3),
        "turns": sums.turns.count,
        **_percentiles(sums.turns),
    }


def _whole(sums: Sums) -> dict[str, Any]:
    return {**_figures(sums), "outcomes": dict(sums.outcomes)}


def _percentiles(spread: Spread) -> dict[str, float | None]:
    return {"p50_ms": spread.p50_ms, "p95_ms": spread.p95_ms}


def _tools(tools: Mapping[str, ToolSums]) -> list[ToolFigures]:
    found = [
        ToolFigures(
            tool=name,
            calls=sums.durations.count,
            errors=sums.errors,
            **_percentiles(sums.durations),
        )
        for name, sums in tools.items()
    ]
    return sorted(found, key=lambda each: -each.calls)
