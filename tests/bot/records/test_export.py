"""The list of calls as a file: whole, filtered, and nothing that a spreadsheet would carry out."""

import csv
import io
import json

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.api import export
from bot.records.database import writing
from bot.records.projection import new_call
from tests.bot.records.stories import START
from tests.bot.records.test_history_api import serving
from tests.bot.service import until

FORMULA = '=HYPERLINK("http://evil.example","+1 415")'


async def some_calls(running, count: int) -> None:
    """Calls that are told nothing of: rows, straight into the tables."""
    async with AsyncSession(writing(running.switchboard.records.database)) as session:
        for number in range(count):
            call = new_call(f"call_{number:032x}", START, "gone")
            call.status, call.team = "completed", "travel" if number % 2 else "outreach"
            call.from_number, call.summary = "+14155550123", FORMULA
            call.cost_usd = -0.5
            session.add(call)
        await session.commit()


async def test_the_file_has_every_call_of_the_filter_whatever_the_page(settings, monkeypatch):
    monkeypatch.setattr(export, "PAGE", 7)
    async with serving(settings) as (running, client):
        await until(lambda: running.switchboard.records.is_up)
        await some_calls(running, 50)
        asked = {"team": "travel"}
        whole = await client.get("/api/calls/export", params=asked)
        document = await client.get("/api/calls/export", params={**asked, "format": "json"})
        nothing = await client.get("/api/calls/export?team=nobody&format=json")
        wrong = await client.get("/api/calls/export?format=xlsx")
    assert whole.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="calls.csv"' in whole.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(whole.content.decode("utf-8-sig"))))
    calls = json.loads(document.text)
    expected = [f"call_{number:032x}" for number in range(49, 0, -2)]
    assert [row["id"] for row in rows] == [call["id"] for call in calls] == expected
    assert rows[0]["summary"] == f"'{FORMULA}"
    assert rows[0]["from_number"] == "'+14155550123"
    assert rows[0]["cost_usd"] == "-0.5"
    assert calls[0]["summary"] == FORMULA
    assert json.loads(nothing.text) == []
    assert (wrong.status_code, wrong.json()["field"]) == (422, "format")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_begins_as_a_formula_does(text):
    assert export._cell(text) == f"'{text}"


def test_other_cells_stay_as_they_are():
    assert [export._cell(value) for value in ("a=1", "", None, -1.5, True)] == [
        "a=1",
        "",
        None,
        -1.5,
        True,
    ]
