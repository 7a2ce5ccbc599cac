"""The members and vouchers that a new database begins with, so that the line can be tried."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mcp_servers.membership.phone_code import new_salt, phone_code_hash
from mcp_servers.membership.tables import members, metadata, movements, vouchers

MEMBERS = (
    # number, name, phone code, what came and went, in cents
    ("204816", "Maria Keller", "4159", ((80_000, "opening deposit"), (-12_550, "withdrawal"))),
    ("315927", "John Smith", "2604", ((25_000, "opening deposit"), (5_000, "monthly saving"))),
    ("426038", "Anna Lee", "7381", ((150_000, "opening deposit"),)),
    ("537149", "Peter Brown", "9042", ()),
)
VOUCHERS = (
    ("MAPLE4821", 2_500),
    ("RIVER7305", 1_000),
    ("GARDEN2946", 5_000),
    ("SILVER6183", 1_500),
)
EXPIRED_VOUCHER = ("WINTER1570", 2_000)
VALID_DAYS = 365


async def create_and_seed(connection: AsyncConnection, today: date) -> None:
    """Create the tables that are missing; fill them if there is no member yet."""
    await connection.run_sync(metadata.create_all)
    if (await connection.execute(select(members.c.number).limit(1))).first() is not None:
        return
    for number, name, code, moved in MEMBERS:
        salt = new_salt()
        await connection.execute(
            insert(members).values(
                number=number,
                name=name,
                joined=today - timedelta(days=400),
                balance=sum(amount for amount, _ in moved),
                phone_code_salt=salt,
                phone_code_hash=phone_code_hash(code, salt),
                wrong_codes=0,
            )
        )
        balance = 0
        first_day = today - timedelta(days=30 * len(moved))
        for months, (amount, text) in enumerate(moved):
            balance += amount
            day = first_day + timedelta(days=30 * months)
            await connection.execute(
                insert(movements).values(
                    member=number,
                    at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
                    text=text,
                    amount=amount,
                    balance=balance,
                )
            )
    valid_until = today + timedelta(days=VALID_DAYS)
    rows = [{"code": code, "value": value, "valid_until": valid_until} for code, value in VOUCHERS]
    code, value = EXPIRED_VOUCHER
    rows.append({"code": code, "value": value, "valid_until": today - timedelta(days=1)})
    await connection.execute(insert(vouchers), rows)
