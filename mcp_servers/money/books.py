"""The household's books: what is held, spent and budgeted, and how a voice says it."""

import csv
import logging
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from mcp.server.mcpserver.exceptions import ToolError
from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mcp_servers import wording
from mcp_servers.database import writing
from mcp_servers.money.answers import (
    Budget,
    Holding,
    Imported,
    Portfolio,
    Spending,
    Spent,
    Transaction,
    Transactions,
)
from mcp_servers.money.categories import Category
from mcp_servers.money.csv_import import BadCsvError, import_csv
from mcp_servers.money.tables import budgets, holdings, metadata, transactions

PAGE = 5
_SAID = 3
_PAGE_TOKEN = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,15})", re.ASCII)
_NOT_SPENDING = ("income", "savings")

_log = logging.getLogger(__name__)


class Books:
    """Every method raises `ToolError` with a sentence for the caller when it can't be done."""

    def __init__(self, engine: AsyncEngine, folder: Path, today: Callable[[], date]) -> None:
        self._engine = engine
        self._folder = folder
        self._today = today

    async def prepare(self, connection: AsyncConnection) -> None:
        """Create the tables, and import what lies in the folder into books that are empty."""
        await connection.run_sync(metadata.create_all)
        if await connection.scalar(select(transactions.c.id).limit(1)) is None:
            _, refused = await self._import(connection)
            for reason in refused:
                _log.warning("not imported: %s", reason)

    async def import_folder(self) -> Imported:
        """Import every CSV file of the folder, once more if need be."""
        async with writing(self._engine).begin() as connection:
            rows, refused = await self._import(connection)
        summary = f"I found {wording.count(rows, 'new entry') if rows == 1 else _entries(rows)}."
        if refused:
            summary += f" {wording.count(len(refused), 'file').capitalize()} could not be read."
        return Imported(rows=rows, refused=refused, summary=summary)

    async def portfolio(self) -> Portfolio:
        """All positions at their last known prices."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(holdings))).all()
        found = [
            Holding(
                symbol=row.symbol,
                name=row.name,
                quantity=row.quantity,
                value=round(row.quantity * row.price),
                gain=round(row.quantity * row.price) - row.cost,
                priced_on=row.priced_on,
            )
            for row in rows
        ]
        found.sort(key=lambda holding: -holding.value)
        value, gain = sum(each.value for each in found), sum(each.gain for each in found)
        if not found:
            return Portfolio(value=0, gain=0, holdings=[], summary="The portfolio is empty.")
        largest = found[0]
        return Portfolio(
            value=value,
            gain=gain,
            holdings=found,
            summary=f"The portfolio is worth {_about(value)}, "
            f"{_about(abs(gain))} {'more' if gain >= 0 else 'less'} than was paid for it. "
            f"The largest of {wording.count(len(found), 'position')} is {largest.name} with "
            f"{_about(largest.value)}.",
        )

    async def transactions(
        self, category: Category | None, since: date | None, until: date | None, page: str | None
    ) -> Transactions:
        """A page of transactions, newest first."""
        if since and until and until < since:
            raise ToolError("That period ends before it begins. Which period do you mean?")
        query = select(transactions)
        if category:
            query = query.where(transactions.c.category == category)
        if since:
            query = query.where(transactions.c.booked_on >= since)
        if until:
            query = query.where(transactions.c.booked_on <= until)
        if page is not None:
            day, last = _place(page)
            query = query.where(
                or_(
                    transactions.c.booked_on < day,
                    and_(transactions.c.booked_on == day, transactions.c.id < last),
                )
            )
        newest = query.order_by(transactions.c.booked_on.desc(), transactions.c.id.desc())
        async with self._engine.connect() as connection:
            rows = (await connection.execute(newest.limit(PAGE + 1))).all()
        shown = rows[:PAGE]
        found = [
            Transaction(
                booked_on=row.booked_on, text=row.text, amount=row.amount, category=row.category
            )
            for row in shown
        ]
        more = len(rows) > PAGE
        return Transactions(
            transactions=found,
            next_page=f"{shown[-1].booked_on}.{shown[-1].id}" if more else None,
            summary=_read_out(found, is_more=more),
        )

    async def spending(self, month: str | None) -> Spending:
        """What a month's money went to; income and savings are not spent."""
        first, after = _month(month or f"{self._today():%Y-%m}")
        spent = func.sum(-transactions.c.amount).label("spent")
        query = (
            select(transactions.c.category, spent)
            .where(
                transactions.c.booked_on >= first,
                transactions.c.booked_on < after,
                transactions.c.category.not_in(_NOT_SPENDING),
            )
            .group_by(transactions.c.category)
        )
        async with self._engine.connect() as connection:
            sums = {row.category: int(row.spent) for row in await connection.execute(query)}
            limits = {
                row.category: row.monthly_limit for row in await connection.execute(select(budgets))
            }
        rows = [
            Spent(category=name, spent=sums.get(name, 0), monthly_limit=limits.get(name))
            for name in {*sums, *limits}
        ]
        rows.sort(key=lambda row: (-row.spent, row.category))
        total = sum(sums.values())
        return Spending(
            month=f"{first:%Y-%m}",
            total=total,
            categories=rows,
            summary=_spent(f"{first:%B}", total, rows),
        )

    async def set_budget(self, category: Category, dollars: int) -> Budget:
        """What may be spent on a category in a month, from now on."""
        if category in _NOT_SPENDING:
            raise ToolError(f"A budget is for spending, and {category} is not. Which one is it?")
        values = {"category": category, "monthly_limit": dollars * 100}
        async with writing(self._engine).begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            insert = dialect.insert(budgets).values(values)
            await connection.execute(
                insert.on_conflict_do_update(index_elements=["category"], set_=values)
            )
        return Budget(
            category=category,
            monthly_limit=dollars * 100,
            summary=f"The budget for {category} is {wording.money(dollars)} a month now.",
        )

    async def _import(self, connection: AsyncConnection) -> tuple[int, list[str]]:
        rows, refused = 0, []
        for path in sorted(self._folder.glob("*.csv")):
            try:
                async with connection.begin_nested():
                    rows += await import_csv(connection, path)
            except (BadCsvError, csv.Error, OSError) as error:
                refused.append(f"{path.name}: {error}")
        return rows, refused


def _entries(count: int) -> str:
    return f"{wording.number(count) if count else 'no'} new entries"


def _about(cents: int) -> str:
    """Large sums are said in whole dollars."""
    return wording.money(round(cents / 100)) if cents >= 10_000 else wording.cents(cents)


def _place(page: str) -> tuple[date, int]:
    match = _PAGE_TOKEN.fullmatch(page)
    try:
        if match:
            return date.fromisoformat(match[1]), int(match[2])
    except ValueError:
        pass
    raise ToolError("I can't find that page. Let me begin with the newest entries.")


def _month(value: str) -> tuple[date, date]:
    """The first day of ``YYYY-MM`` and of the month after it."""
    try:
        first = date.fromisoformat(f"{value}-01")
    except ValueError:
        raise ToolError(f"I can't find the month {value}. Which month do you mean?") from None
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _read_out(found: list[Transaction], *, is_more: bool) -> str:
    if not found:
        return "I found no entries."
    said = [
        f"On {wording.day(each.booked_on)}, {each.text}, "
        f"{'' if each.amount < 0 else 'received, '}{wording.cents(abs(each.amount))}."
        for each in found[:_SAID]
    ]
    if is_more or len(found) > _SAID:
        said.append("There are more. Shall I go on?")
    return " ".join(said)


def _spent(month: str, total: int, rows: list[Spent]) -> str:
    if not total:
        return f"Nothing was spent in {month}."
    said = f"In {month} you spent {_about(total)}, most of it on {rows[0].category}."
    for row in rows:
        if row.monthly_limit is None:
            continue
        left = row.monthly_limit - row.spent
        said += (
            f" Of the budget for {row.category}, {_about(left)} are left."
            if left >= 0
            else f" The budget for {row.category} is exceeded by {_about(-left)}."
        )
    return said
