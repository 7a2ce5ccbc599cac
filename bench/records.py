"""``python -m bench.records``: how long the routes of the records take over very many calls.

The service runs in a process of its own, on a database that is filled first. Each route is asked
once without being counted, then several times; the table has the median and the slowest answer,
and the processor time that the service took for one.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from bench.many_calls import COMMON, DAYS, RARE, UNCOMMON, fill
from bench.server_under_test import ServerUnderTest, serving
from bot.records.database import open_database, records_url
from bot.records.migrate import migrate
from bot.records.tables import Call
from bot.settings import Settings

NO_MODEL = "ws://127.0.0.1:9"
PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A route with its query."""

    name: str
    path: str
    query: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """Times in ms; ``cpu_ms`` is the service's own for one answer, the database's is not in it."""

    median_ms: float
    slowest_ms: float
    cpu_ms: float
    kilobytes: float


def routes(now: datetime) -> list[Asked]:
    """What the pages of the console ask for, and the hardest of what they may."""
    first_day = str((now - timedelta(days=DAYS)).date())
    months = {"from": first_day, "time_zone": "Asia/Kolkata"}
    middle = (now - timedelta(days=DAYS // 2)).isoformat()
    lists: dict[str, dict[str, Any]] = {
        "list": {},
        "list, largest page": {"limit": 200},
        "list, half-way down": {"until": middle},
        "list, last page": {"until": (now - timedelta(days=DAYS - 1)).isoformat()},
        "status": {"status": "failed"},
        "two statuses": {"status": ["failed", "no_answer"]},
        "status that none has": {"status": "busy"},
        "team": {"team": "travel"},
        "team that is not there": {"team": "nobody"},
        "team and status": {"team": "outreach", "status": "no_answer"},
        "team and the other direction": {"team": "outreach", "direction": "inbound"},
        "direction and status": {"direction": "outbound", "status": "failed"},
        "number": {"from": "+14155550007"},
        "everybody's number": {"to": "+14155550100"},
        "number and status": {"from": "+14155550007", "status": "failed"},
        "word of every second call": {"text": COMMON[0]},
        "two words of every call": {"text": "you please"},
        "beginning of many words": {"text": "t"},
        "word of a hundredth": {"text": UNCOMMON},
        "rare word": {"text": RARE},
        "word that nobody said": {"text": "xylophone"},
        "common and rare word": {"text": f"{COMMON[0]} {RARE}"},
        "common word, half-way down": {"text": COMMON[0], "until": middle},
        "common word, team, status": {"text": COMMON[0], "team": "outreach", "status": "no_answer"},
    }
    return [
        Asked("numbers, 90 days", "/api/numbers", {**months, "by": "day"}),
        Asked("numbers, 90 days by week", "/api/numbers", {**months, "by": "week"}),
        Asked("numbers, one team", "/api/numbers", {**months, "team": "travel"}),
        Asked("numbers, 30 days", "/api/numbers", {}),
        *(Asked(name, "/api/calls", {"limit": PAGE, **query}) for name, query in lists.items()),
    ]


async def measure(server: ServerUnderTest, asked: Asked, runs: int) -> Answered:
    """Asks a route ``runs`` times after a first time."""
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as http:
        took = []
        answer = (await http.get(asked.path, params=asked.query)).raise_for_status()
        before = server.cost().cpu_s
        for _ in range(runs):
            began = time.perf_counter()
            (await http.get(asked.path, params=asked.query)).raise_for_status()
            took.append((time.perf_counter() - began) * 1000)
        cpu_ms = (server.cost().cpu_s - before) / runs * 1000
    return Answered(median(took), max(took), cpu_ms, len(answer.content) / 1000)


@asynccontextmanager
async def filled(url: str | None, calls: int) -> AsyncIterator[str]:
    """A database with at least so many calls; a SQLite file for the time being without a URL."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        chosen = url or f"sqlite:///{Path(folder) / 'records.db'}"
        database = open_database(records_url(Settings(database_url=chosen)), pool_size=2)
        try:
            await migrate(database)
            async with database.connect() as connection:
                there = await connection.scalar(select(func.count()).select_from(Call)) or 0
            if not there:
                began = time.perf_counter()
                await fill(database, calls)
                Console().print(f"filled in {time.perf_counter() - began:.0f} s")
        finally:
            await database.dispose()
        yield chosen


async def run(url: str | None, calls: int, runs: int) -> Table:
    """Fills a database, unless it has calls, and measures every route."""
    table = Table(title=f"{calls} calls, {runs} answers each, in ms")
    for column in ("", "median", "slowest", "processor", "kB"):
        table.add_column(column, justify="right" if column else "left")
    async with (
        filled(url, calls) as chosen,
        serving(["bot.run"], NO_MODEL, "/health", DATABASE_URL=chosen) as server,
    ):
        for asked in routes(datetime.now(UTC)):
            found = await measure(server, asked, runs)
            figures = (found.median_ms, found.slowest_ms, found.cpu_ms, found.kilobytes)
            table.add_row(asked.name, *(f"{figure:.0f}" for figure in figures))
    return table


def main() -> None:
    """Parses the command line and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.records", description=__doc__)
    parser.add_argument("--database", help="as DATABASE_URL; filled if it has no calls")
    parser.add_argument("--calls", type=int, default=100_000, help="default 100,000")
    parser.add_argument("--runs", type=int, default=7, help="answers of each route (default 7)")
    arguments = parser.parse_args()
    Console().print(asyncio.run(run(arguments.database, arguments.calls, arguments.runs)))


if __name__ == "__main__":
    main()
