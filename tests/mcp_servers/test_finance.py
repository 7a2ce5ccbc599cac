"""The household's money: what CSV files say, and how it is told."""

from datetime import date

import pytest
from mcp import Client

from mcp_servers import finance
from tests.mcp_servers.conftest import Desk, in_one_task

TODAY = date(2026, 11, 21)
STATEMENT = """date,description,amount
2026-11-02,Salary Northwind,"3,800.00"
2026-11-03,Corner Market,-60.35
2026-11-03,Corner Market,-60.35
2026-11-04,Cafe Luna,-12.00
2026-10-30,Corner Market,-48.00
2026-11-06,Savings plan Broker,-400.00
"""
HOLDINGS = """symbol;name;quantity;cost;price;date
wrld;World Index Fund;120;9840.00;97.15;2026-11-20
BOND;Government Bond Fund;200;10260.00;49.80;2026-11-20
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "november.csv").write_text(STATEMENT)
    (folder / "holdings.csv").write_text(HOLDINGS, encoding="utf-8-sig")
    return folder


@pytest.fixture(params=["sqlite", "postgres"])
def household(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'money.db'}"
    return request.getfixturevalue("postgres")


@pytest.fixture
async def any_desk(household, folder):
    """On either database."""
    server = finance.build(household, folder=folder, today=lambda: TODAY)
    async with in_one_task(Client(server)) as client:
        yield Desk(client)


@pytest.fixture
async def desk(tmp_path, folder):
    server = finance.build(f"sqlite:///{tmp_path / 'money.db'}", folder=folder, today=lambda: TODAY)
    async with in_one_task(Client(server)) as client:
        yield Desk(client)


async def test_the_portfolio_is_told_by_value(desk):
    told = await desk.ask("get-portfolio")
    assert [holding["symbol"] for holding in told["holdings"]] == ["WRLD", "BOND"]
    assert (told["value"], told["gain"]) == (2_161_800, 151_800)
    assert "one thousand, five hundred and eighteen dollars more" in told["summary"]


async def test_equal_lines_of_a_day_are_two_purchases_and_imported_once(any_desk, folder):
    spent = await any_desk.ask("get-spending")
    amounts = {row["category"]: row["spent"] for row in spent["categories"]}
    assert amounts == {"groceries": 12_070, "eating out": 1_200}
    assert spent["total"] == 13_270, "neither income nor savings is spent"

    (folder / "overlap.csv").write_text(STATEMENT + "2026-11-07,Pharmacy,-9.99\n")
    assert (await any_desk.ask("import-statements"))["rows"] == 1
    assert (await any_desk.ask("import-statements"))["rows"] == 0


async def test_a_budget_is_held_against_the_month(any_desk):
    await any_desk.ask("set-budget", category="groceries", dollars=100)
    assert (
        "exceeded by twenty dollars and seventy cents"
        in (await any_desk.ask("get-spending", month="2026-11"))["summary"]
    )
    await any_desk.ask("set-budget", category="groceries", dollars=200)
    october = await any_desk.ask("get-spending", month="2026-10")
    assert "one hundred and fifty-two dollars are left" in october["summary"]
    assert "not" in await any_desk.refusal("set-budget", category="income", dollars=5)


async def test_transactions_come_in_pages_newest_first(any_desk):
    first = await any_desk.ask("list-transactions")
    second = await any_desk.ask("list-transactions", page=first["next_page"])
    days = [row["booked_on"] for row in first["transactions"] + second["transactions"]]
    assert days == sorted(days, reverse=True)
    assert len(days) == 6
    assert second["next_page"] is None
    november = await any_desk.ask("list-transactions", category="groceries", since="2026-11-01")
    assert [row["amount"] for row in november["transactions"]] == [-6_035, -6_035]


@pytest.mark.parametrize("page", ["", "2026-13-01.5", "1; drop", "٣"])
async def test_a_page_that_nobody_gave_out_is_refused(desk, page):
    assert "page" in await desk.refusal("list-transactions", page=page)


async def test_a_period_that_ends_before_it_begins_is_refused(desk):
    refusal = await desk.refusal("list-transactions", since="2026-11-05", until="2026-11-01")
    assert "ends before it begins" in refusal


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a,b\n1,2\n", "needs a header with date, description, amount"),
        ("", "needs a header"),
        ("date,description,amount\n03/04/2026,Shop,-1.00\n", "line 2: date '03/04/2026'"),
        ("date,description,amount\n2026-04-03,Shop,\n", "line 2: amount ''"),
        ("date,description,amount\n2026-04-03,Shop,-1.005\n", "parts of a cent"),
        ("date,description,amount\n2026-04-03,Shop,1e9\n", "is not like -1234.50"),
        ("date,description,amount,category\n2026-04-03,Shop,-1,fun\n", "category 'fun' is none"),
        ("date,description,amount\n2026-04-03,\0,\0\n", "line 2"),
        ("symbol,name,quantity,cost,price,date\nX,X,nan,1,1,2026-04-03\n", "quantity above 0"),
    ],
)
async def test_a_wrong_file_is_refused_whole_and_says_why(desk, folder, content, reason):
    (folder / "zz.csv").write_text(content)
    imported = await desk.ask("import-statements")
    assert imported["rows"] == 0
    assert [reason in line for line in imported["refused"]] == [True]
    assert "One file could not be read" in imported["summary"]


async def test_an_older_file_does_not_replace_newer_prices(any_desk, folder):
    (folder / "old.csv").write_text(
        "symbol,name,quantity,cost,price,date\nWRLD,World Index Fund,1,1.00,1.00,2026-01-01\n"
    )
    assert (await any_desk.ask("import-statements"))["rows"] == 0
    assert (await any_desk.ask("get-portfolio"))["value"] == 2_161_800


async def test_the_sample_that_ships_is_imported(tmp_path):
    server = finance.build(f"sqlite:///{tmp_path / 'new.db'}", today=lambda: TODAY)
    async with Client(server) as client:
        told = await Desk(client).ask("get-spending")
    assert told["total"] > 150_000
    assert {row["category"] for row in told["categories"]} >= {"housing", "groceries"}
    assert "other" not in {row["category"] for row in told["categories"]}
