"""The savings club: who is known, what is told, and a voucher that is redeemed once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from mcp import Client
from sqlalchemy import select

from mcp_servers import members
from mcp_servers.database import open_database
from mcp_servers.membership import tables
from tests.mcp_servers.conftest import Desk, in_one_task

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
MARIA = {"member_number": "204816", "phone_code": "4159"}
JOHN = {"member_number": "315927", "phone_code": "2604"}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
def club(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'club.db'}"
    return request.getfixturevalue("postgres")


@pytest.fixture
async def desk(tmp_path, clock):
    server = members.build(f"sqlite:///{tmp_path / 'club.db'}", now=clock)
    async with in_one_task(Client(server)) as client:
        yield Desk(client)


async def test_a_member_hears_the_balance(desk):
    told = await desk.ask("get-member-balance", **MARIA)
    assert told["balance"] == 67_450
    assert told["summary"] == (
        "Your balance is six hundred and seventy-four dollars and fifty cents."
    )


async def test_numbers_and_codes_may_be_spelled(desk):
    spelled = {"member_number": "2 0 4-8 1 6", "phone_code": "4 1 5 9"}
    assert (await desk.ask("get-member-balance", **spelled))["name"] == "Maria Keller"
    redeemed = await desk.ask("redeem-voucher", **spelled, voucher_code="maple 48 21")
    assert redeemed["balance"] == 69_950


async def test_a_wrong_code_and_an_unknown_number_sound_the_same(desk):
    wrong = await desk.refusal("get-member-balance", **MARIA | {"phone_code": "0000"})
    unknown = await desk.refusal("get-member-balance", **MARIA | {"member_number": "999999"})
    assert wrong == unknown
    assert "don't go together" in wrong


async def test_three_wrong_codes_in_a_row_lock_the_account_for_a_while(desk, clock):
    for _ in range(2):
        await desk.refusal("get-member-balance", **MARIA | {"phone_code": "0000"})
    await desk.ask("get-member-balance", **MARIA)
    for _ in range(3):
        await desk.refusal("get-member-balance", **MARIA | {"phone_code": "0000"})
    assert "locked" in await desk.refusal("get-member-balance", **MARIA)
    await desk.ask("get-member-balance", **JOHN)
    clock.now += timedelta(minutes=15)
    await desk.ask("get-member-balance", **MARIA)


async def test_many_tries_at_once_are_not_more_tries(club, clock):
    async with Client(members.build(club, now=clock)) as client:
        codes = [f"{guess:04}" for guess in range(10)]
        results = await asyncio.gather(
            *(client.call_tool("get-member-balance", MARIA | {"phone_code": c}) for c in codes)
        )
        judged = [result for result in results if "together" in result.content[0].text]
        assert len(judged) == 3
        assert all(result.is_error for result in results)


async def test_a_statement_comes_in_pages_newest_first(desk):
    for code in ("MAPLE4821", "RIVER7305"):
        await desk.ask("redeem-voucher", **MARIA, voucher_code=code)
    first = await desk.ask("list-movements", **MARIA)
    assert [entry["amount"] for entry in first["movements"]] == [1_000, 2_500, -12_550]
    assert "older ones" in first["summary"]
    second = await desk.ask("list-movements", **MARIA, page=first["next_page"])
    assert [entry["text"] for entry in second["movements"]] == ["opening deposit"]
    assert second["next_page"] is None
    assert "page" in await desk.refusal("list-movements", **MARIA, page="the next")


async def test_an_empty_account_has_an_empty_statement(desk):
    peter = {"member_number": "537149", "phone_code": "9042"}
    told = await desk.ask("list-movements", **peter)
    assert (told["movements"], told["next_page"]) == ([], None)


async def test_a_voucher_is_looked_up_without_redeeming_it(desk):
    assert (
        "fifty dollars" in (await desk.ask("check-voucher", voucher_code="GARDEN2946"))["summary"]
    )
    assert "expired" in (await desk.ask("check-voucher", voucher_code="WINTER1570"))["summary"]
    assert "can't find" in await desk.refusal("check-voucher", voucher_code="NOBODY0000")
    redeemed = await desk.ask("redeem-voucher", **MARIA, voucher_code="GARDEN2946")
    assert redeemed["value"] == 5_000
    assert (await desk.ask("check-voucher", voucher_code="GARDEN2946"))["is_redeemed"]


async def test_an_answer_that_was_lost_can_be_asked_for_again(desk):
    first = await desk.ask("redeem-voucher", **MARIA, voucher_code="MAPLE4821")
    assert await desk.ask("redeem-voucher", **MARIA, voucher_code="MAPLE4821") == first
    other = await desk.refusal("redeem-voucher", **JOHN, voucher_code="MAPLE4821")
    assert "redeemed before" in other


async def test_an_expired_voucher_is_refused(desk):
    assert "expired" in await desk.refusal("redeem-voucher", **MARIA, voucher_code="WINTER1570")
    assert (await desk.ask("get-member-balance", **MARIA))["balance"] == 67_450


async def test_a_voucher_is_redeemed_once_by_twenty_callers_at_once(club, clock):
    """On two servers, by two members, ten calls each."""
    async with (
        Client(members.build(club, now=clock)) as one,
        Client(members.build(club, now=clock)) as other,
    ):
        results = await asyncio.gather(
            *(
                server.call_tool("redeem-voucher", member | {"voucher_code": "MAPLE4821"})
                for member in (MARIA, JOHN)
                for server in (one, other)
                for _ in range(5)
            )
        )
    paid = [result.structured_content for result in results if not result.is_error]
    refused = [result.content[0].text for result in results if result.is_error]
    assert len(paid) == len(refused) == 10, "all of one member's calls are told of the one"
    assert len({answer["redeemed_at"] for answer in paid}) == 1
    assert all("redeemed before" in text for text in refused)
    engine = open_database(club)
    async with engine.connect() as connection:
        credited = (
            await connection.execute(
                select(tables.movements.c.amount).where(
                    tables.movements.c.text == "voucher maple4821"
                )
            )
        ).scalars()
        assert list(credited) == [2_500]
        balances = select(tables.members.c.balance).where(
            tables.members.c.number.in_(["204816", "315927"])
        )
        assert sum((await connection.execute(balances)).scalars()) == 67_450 + 30_000 + 2_500
    await engine.dispose()


async def test_the_annotations_say_what_the_tools_do(desk):
    tools = {tool.name: tool.annotations for tool in (await desk.client.list_tools()).tools}
    assert {name for name, hints in tools.items() if hints.read_only_hint} == {
        "get-member-balance",
        "list-movements",
        "check-voucher",
    }
    assert tools["redeem-voucher"].idempotent_hint
