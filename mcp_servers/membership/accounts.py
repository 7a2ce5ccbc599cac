"""The savings club's counter: knows members by their phone code, tells balances, takes vouchers."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mcp_servers import wording
from mcp_servers.database import writing
from mcp_servers.membership.answers import Balance, Movement, Redemption, Statement, Voucher
from mcp_servers.membership.phone_code import is_phone_code
from mcp_servers.membership.tables import members, movements, vouchers

WRONG_CODES = 3
"""Wrong phone codes in a row, over all calls, that lock an account."""

LOCKED_FOR = timedelta(minutes=15)
PAGE = 3
"""Movements on a page: as many as a caller can take in."""


class Accounts:
    """Every method raises `ToolError` with a sentence for the caller when it can't be done."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    async def balance(self, number: str, phone_code: str) -> Balance:
        """What is on the account."""
        member = await self._known(number, phone_code)
        return Balance(
            member_number=number,
            name=member.name,
            balance=member.balance,
            summary=f"Your balance is {wording.cents(member.balance)}.",
        )

    async def statement(self, number: str, phone_code: str, page: str | None) -> Statement:
        """A page of movements. Raises for a page that was not given out before, too."""
        if page is not None and not (page.isascii() and page.isdigit()):
            raise ToolError("I can't find that page. Let me begin with the newest entries.")
        await self._known(number, phone_code)
        query = select(movements).where(movements.c.member == number)
        if page is not None:
            query = query.where(movements.c.id < int(page))
        async with self._engine.connect() as connection:
            rows = (
                await connection.execute(query.order_by(movements.c.id.desc()).limit(PAGE + 1))
            ).all()
        shown = rows[:PAGE]
        return Statement(
            member_number=number,
            movements=[
                Movement(at=_utc(row.at), text=row.text, amount=row.amount, balance=row.balance)
                for row in shown
            ],
            next_page=str(shown[-1].id) if len(rows) > PAGE else None,
            summary=_said(shown, is_more=len(rows) > PAGE),
        )

    async def voucher(self, code: str) -> Voucher:
        """A voucher's worth and whether it can still be used."""
        async with self._engine.connect() as connection:
            row = await _voucher(connection, code)
        if row.redeemed_at:
            state = "it was redeemed before"
        elif row.valid_until < self._now().date():
            state = f"it expired on {wording.day(row.valid_until)}"
        else:
            state = f"it can be redeemed until {wording.day(row.valid_until)}"
        return Voucher(
            code=row.code,
            value=row.value,
            valid_until=row.valid_until,
            is_redeemed=row.redeemed_at is not None,
            summary=f"That voucher is worth {wording.cents(row.value)}, and {state}.",
        )

    async def redeem(self, number: str, phone_code: str, code: str) -> Redemption:
        """Add a voucher's worth to the account: once, ever, however many ask at the same moment.

        The one conditional update decides, which the database serialises. The member who redeemed
        it gets the same answer again, so that a lost answer can be asked for once more.
        """
        await self._known(number, phone_code)
        now = self._now()
        async with writing(self._engine).begin() as connection:
            taken = await connection.execute(
                update(vouchers)
                .where(
                    vouchers.c.code == code,
                    vouchers.c.redeemed_at.is_(None),
                    vouchers.c.valid_until >= now.date(),
                )
                .values(redeemed_by=number, redeemed_at=now)
            )
            voucher = await _voucher(connection, code)
            if taken.rowcount == 0:
                _check_redeemed_by(voucher, number)
            else:
                await _credit(connection, number, voucher, now)
            balance: int = (
                await connection.execute(
                    select(members.c.balance).where(members.c.number == number)
                )
            ).scalar_one()
        return Redemption(
            code=code,
            value=voucher.value,
            balance=balance,
            redeemed_at=_utc(voucher.redeemed_at),
            summary=f"I added {wording.cents(voucher.value)} to your account. "
            f"Your balance is {wording.cents(balance)}.",
        )

    async def _known(self, number: str, phone_code: str) -> Row[Any]:
        """The member, if the phone code is theirs.

        A number that nobody has and a wrong code get the same answer. The member's row is locked
        while a code is judged, so that many tries at once are not more than one after another.
        """
        now = self._now()
        theirs = members.c.number == number
        async with writing(self._engine).begin() as connection:
            member = (
                await connection.execute(select(members).where(theirs).with_for_update())
            ).first()
            if member is None:
                raise _unknown()
            if member.locked_until and _utc(member.locked_until) > now:
                raise ToolError(
                    "For your safety this account is locked for a quarter of an hour, because the "
                    "phone code was wrong several times. Please call again later."
                )
            is_right = await asyncio.to_thread(
                is_phone_code, phone_code, member.phone_code_salt, member.phone_code_hash
            )
            wrong = 0 if is_right else member.wrong_codes + 1
            is_locked = wrong >= WRONG_CODES
            if wrong != member.wrong_codes or member.locked_until:
                await connection.execute(
                    update(members)
                    .where(theirs)
                    .values(
                        wrong_codes=0 if is_locked else wrong,
                        locked_until=now + LOCKED_FOR if is_locked else None,
                    )
                )
        if not is_right:
            raise _unknown()
        return member


async def _voucher(connection: AsyncConnection, code: str) -> Row[Any]:
    row = (await connection.execute(select(vouchers).where(vouchers.c.code == code))).first()
    if row is None:
        raise ToolError("I can't find a voucher with that code. Please tell me the code again.")
    return row


def _check_redeemed_by(voucher: Row[Any], number: str) -> None:
    if voucher.redeemed_at is None:
        raise ToolError(
            f"I'm sorry, that voucher expired on {wording.day(voucher.valid_until)}, "
            "so I can't add it to your account."
        )
    if voucher.redeemed_by != number:
        raise ToolError("I'm sorry, that voucher was redeemed before, so it can't be used again.")


async def _credit(
    connection: AsyncConnection, number: str, voucher: Row[Any], now: datetime
) -> None:
    balance = await connection.scalar(
        update(members)
        .where(members.c.number == number)
        .values(balance=members.c.balance + voucher.value)
        .returning(members.c.balance)
    )
    await connection.execute(
        insert(movements).values(
            member=number,
            at=now,
            text=f"voucher {voucher.code.lower()}",
            amount=voucher.value,
            balance=balance,
        )
    )


def _unknown() -> ToolError:
    return ToolError(
        "That member number and phone code don't go together. Please tell me both once more."
    )


def _utc(value: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _said(rows: Sequence[Row[Any]], *, is_more: bool) -> str:
    if not rows:
        return "There are no entries on your account."
    sentences = [
        f"On {wording.day(row.at.date())}, {row.text}, "
        f"{'plus' if row.amount > 0 else 'minus'} {wording.cents(abs(row.amount))}."
        for row in rows
    ]
    return " ".join([*sentences, "There are older ones, too."] if is_more else sentences)
