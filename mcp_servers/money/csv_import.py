"""Reads statements and holdings from CSV files, as banks and brokers export them."""

import asyncio
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Table, and_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from mcp_servers.money.categories import CATEGORIES, category_of
from mcp_servers.money.tables import holdings, transactions

STATEMENT = ("date", "description", "amount")
HOLDINGS = ("symbol", "name", "quantity", "cost", "price", "date")
MAX_BYTES = 10 * 1024 * 1024
_AMOUNT = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")


class BadCsvError(ValueError):
    """A file that can't be imported: which line and what was wrong with it."""


async def import_csv(connection: AsyncConnection, path: Path) -> int:
    """Import a statement or a list of holdings, whichever its header says; all of it or nothing.

    A line that was imported before changes nothing, so that overlapping exports may follow each
    other; of holdings the newest file counts.

    Returns:
        How many rows are new or changed.

    Raises:
        BadCsvError: It is neither, or a line is wrong.
        OSError: It can't be read.
    """
    return await import_text(connection, await asyncio.to_thread(_read, path))


def _read(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise BadCsvError(f"it has more than {MAX_BYTES} bytes")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCsvError(f"it is not UTF-8 text: {error.reason}") from None


async def import_text(connection: AsyncConnection, text: str) -> int:
    """As `import_csv`, from the file's content."""
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if _is_semicolons(text) else ",")
    columns = [column.strip().lower() for column in reader.fieldnames or ()]
    reader.fieldnames = columns
    if set(HOLDINGS) <= set(columns):
        rows = [_holding(row, f"line {reader.line_num}") for row in _filled(reader)]
        return await _put(connection, holdings, rows, key="symbol", replaces=True)
    if set(STATEMENT) <= set(columns):
        seen: Counter[str] = Counter()
        rows = [_transaction(row, f"line {reader.line_num}", seen) for row in _filled(reader)]
        return await _put(connection, transactions, rows, key="line_key", replaces=False)
    raise BadCsvError(
        f"it needs a header with {', '.join(STATEMENT)} (a statement) or "
        f"{', '.join(HOLDINGS)} (holdings), not {', '.join(columns) or 'none'}"
    )


def _is_semicolons(text: str) -> bool:
    header = text.partition("\n")[0]
    return header.count(";") > header.count(",")


def _filled(reader: "csv.DictReader[str]") -> Iterator[Mapping[str, str]]:
    for row in reader:
        values = {name: (row.get(name) or "").strip() for name in reader.fieldnames or ()}
        if any(values.values()):
            yield values


def _transaction(row: Mapping[str, str], where: str, seen: "Counter[str]") -> dict[str, Any]:
    booked_on = _day(row["date"], where)
    amount = _cents(row["amount"], "amount", where)
    text = " ".join(row["description"].split())[:160]
    category = row.get("category", "").lower() or category_of(text, amount)
    if category not in CATEGORIES:
        raise BadCsvError(f"{where}: category {category!r} is none of {', '.join(CATEGORIES)}")
    # Two equal lines of one day are two purchases: the second has its own key.
    line = f"{booked_on}|{text}|{amount}"
    seen[line] += 1
    return {
        "line_key": hashlib.sha256(f"{line}|{seen[line]}".encode()).hexdigest(),
        "booked_on": booked_on,
        "text": text,
        "amount": amount,
        "category": category,
    }


def _holding(row: Mapping[str, str], where: str) -> dict[str, Any]:
    try:
        quantity = float(row["quantity"])
    except ValueError:
        raise BadCsvError(f"{where}: quantity {row['quantity']!r} is not a number") from None
    if not row["symbol"] or not 0 < quantity < float("inf"):
        raise BadCsvError(f"{where}: a holding needs a symbol and a quantity above 0")
    return {
        "symbol": row["symbol"].upper()[:12],
        "name": row["name"][:80] or row["symbol"],
        "quantity": quantity,
        "cost": _cents(row["cost"], "cost", where),
        "price": _cents(row["price"], "price", where),
        "priced_on": _day(row["date"], where),
    }


def _day(value: str, where: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        # 03/04/2026 is March here and April there: nothing is guessed about money.
        raise BadCsvError(f"{where}: date {value!r} is not like 2026-06-03") from None


def _cents(value: str, column: str, where: str) -> int:
    """``-1,234.50`` as -123450; raises `BadCsvError`."""
    if not _AMOUNT.fullmatch(value):
        raise BadCsvError(f"{where}: {column} {value!r} is not like -1234.50")
    cents = Decimal(value.replace(",", "")) * 100
    if cents != cents.to_integral_value() or abs(cents) >= 2**31:
        raise BadCsvError(f"{where}: {column} {value!r} has parts of a cent or is too large")
    return int(cents)


async def _put(
    connection: AsyncConnection,
    table: Table,
    rows: list[dict[str, Any]],
    *,
    key: str,
    replaces: bool,
) -> int:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    count = 0
    for row in rows:
        insert = dialect.insert(table).values(row)
        others = {name: value for name, value in row.items() if name != key}
        statement = (
            insert.on_conflict_do_update(
                index_elements=[key],
                set_=others,
                where=and_(
                    table.c.priced_on <= row["priced_on"],
                    or_(*(table.c[name].is_distinct_from(value) for name, value in others.items())),
                ),
            )
            if replaces
            else insert.on_conflict_do_nothing(index_elements=[key])
        )
        count += (await connection.execute(statement)).rowcount
    return count
