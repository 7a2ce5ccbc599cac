"""The member services line by telephone: a number said, a code typed, a voucher redeemed once."""

import sqlite3
from pathlib import Path

import httpx
import pytest

from emulators.twilio.caller import Manners, Press, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from tests.running import no_call_is_live, started

pytestmark = pytest.mark.call

SCRIPT = (
    Say("what is my balance"),
    Say("two zero four eight one six"),
    Press("4159#"),
    Say("redeem the voucher maple four eight two one"),
    Say("yes please"),
    Say("goodbye"),
)


def kept(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "test.db") as database:
        return list(database.execute(query))


@pytest.mark.timeout(240)
async def test_a_member_hears_the_balance_and_redeems_a_voucher(tmp_path):
    async with started(tmp_path, TEAM="members") as (address, _process), Carrier() as carrier:
        caller = ScriptedCaller(SCRIPT, manners=Manners(patience_s=40))
        live = await carrier.call(f"{address}/twilio/voice", caller)
        await no_call_is_live(address)
        async with httpx.AsyncClient(base_url=address) as http:
            [listed] = (await http.get("/api/calls")).json()["calls"]
            record = (await http.get(f"/api/calls/{listed['id']}")).json()

    assert live.call.notes == []
    assert live.ended_by == "application"
    [(who,)] = kept(tmp_path, "SELECT redeemed_by FROM member_vouchers WHERE code = 'MAPLE4821'")
    assert who == "204816"
    said = [each["text"] for each in record["transcript"] if each["speaker"] == "agent"]
    assert "Your balance is six hundred and seventy-four dollars and fifty cents." in said[3]
    assert "member number 2 0 4 8 1 6, voucher code maple 4 8 2 1" in said[4]
    assert "I added twenty-five dollars to your account." in said[5]
    assert not any("4 1 5 9" in text or "4159" in text for text in said), "a secret is never said"
