"""The assistant by telephone: money asked in passing, a budget set, a task noted."""

import sqlite3

import httpx
import pytest

from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from tests.running import no_call_is_live, started

pytestmark = pytest.mark.call

LINES = (
    "how is my portfolio",
    "set the budget for groceries to three hundred dollars",
    "yes go ahead",
    "that's all",
    "note a task",
    "fix the login",
    "yes please",
    "goodbye",
)


@pytest.mark.timeout(300)
async def test_a_budget_is_set_and_a_task_noted_by_two_colleagues(tmp_path):
    async with started(tmp_path, TEAM="assistant") as (address, _process), Carrier() as carrier:
        caller = ScriptedCaller(map(Say, LINES), manners=Manners(patience_s=40))
        live = await carrier.call(f"{address}/twilio/voice", caller)
        await no_call_is_live(address)
        async with httpx.AsyncClient(base_url=address) as http:
            [listed] = (await http.get("/api/calls")).json()["calls"]
            record = (await http.get(f"/api/calls/{listed['id']}")).json()

    assert live.call.notes == []
    with sqlite3.connect(tmp_path / "test.db") as database:
        [(limit,)] = database.execute(
            "SELECT monthly_limit FROM money_budgets WHERE category = 'groceries'"
        )
        titles = list(database.execute("SELECT title FROM workspace_tasks"))
    assert limit == 30_000
    assert titles == [("fix the login",)]
    agents = [each["agent"] for each in record["transcript"] if each["agent"]]
    assert [
        name for name, before in zip(agents, ["", *agents], strict=False) if name != before
    ] == ["assistant", "finance", "assistant", "dev_tools"]
    said = [each["text"] for each in record["transcript"] if each["speaker"] == "agent"]
    assert said[1].startswith("The portfolio is worth twenty-eight thousand")
