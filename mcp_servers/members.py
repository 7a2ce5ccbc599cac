"""MCP server ``members``: a savings club's accounts and vouchers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from pydantic import BeforeValidator, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from mcp_servers.database import open_database, prepare
from mcp_servers.membership.accounts import Accounts
from mcp_servers.membership.answers import Balance, Redemption, Statement, Voucher
from mcp_servers.membership.seed import create_and_seed
from mcp_servers.serve import run
from mcp_servers.spoken_server import SpokenServer

LOOKS_UP = ToolAnnotations(read_only_hint=True, open_world_hint=False)
REDEEMS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def _alphanumeric(value: object) -> object:
    """``2 0 4-816`` as ``204816`` and ``maple 48 21`` as ``MAPLE4821``."""
    return "".join(letter for letter in str(value) if letter.isalnum()).upper()


MemberNumber = Annotated[
    str,
    Field(description="The six-digit member number", pattern=r"^[0-9]{6}$", examples=["204816"]),
    BeforeValidator(_alphanumeric),
]
PhoneCode = Annotated[
    str,
    Field(
        description="The four-digit phone code",
        pattern=r"^[0-9]{4}$",
        examples=["4159"],
        # A secret: whoever shows or says arguments leaves it out.
        json_schema_extra={"format": "password"},
    ),
    BeforeValidator(_alphanumeric),
]
VoucherCode = Annotated[
    str,
    Field(
        description="The voucher code, a word and four digits",
        pattern=r"^[A-Z]{3,10}[0-9]{4}$",
        examples=["MAPLE4821"],
    ),
    BeforeValidator(_alphanumeric),
]


def build(
    database: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> MCPServer[Any]:
    """The server on a database; see `mcp_servers.database` for its URL.

    Args:
        database: URL of the database that it keeps its books in.
        now: The current time, with a zone.
    """
    engine = open_database(database)
    accounts = Accounts(engine, now)

    async def setup(connection: AsyncConnection) -> None:
        await create_and_seed(connection, now().date())

    @asynccontextmanager
    async def lifespan(_server: MCPServer[Any]) -> AsyncIterator[None]:
        await prepare(engine, "members", setup)
        try:
            yield
        finally:
            await engine.dispose()

    server = SpokenServer("members", title="Member accounts and vouchers", lifespan=lifespan)

    @server.tool("get-member-balance", title="Tell a balance", annotations=LOOKS_UP)
    async def get_member_balance(member_number: MemberNumber, phone_code: PhoneCode) -> Balance:
        """Say how much is on a member's savings account."""
        return await accounts.balance(member_number, phone_code)

    @server.tool("list-movements", title="Read out a statement", annotations=LOOKS_UP)
    async def list_movements(
        member_number: MemberNumber,
        phone_code: PhoneCode,
        page: Annotated[
            str | None, Field(description="`next_page` of the page before; none for the newest")
        ] = None,
    ) -> Statement:
        """Say what came to a member's account and left it, newest first, a few at a time."""
        return await accounts.statement(member_number, phone_code, page)

    @server.tool("check-voucher", title="Look up a voucher", annotations=LOOKS_UP)
    async def check_voucher(voucher_code: VoucherCode) -> Voucher:
        """Say what a voucher is worth and until when it can be redeemed."""
        return await accounts.voucher(voucher_code)

    @server.tool("redeem-voucher", title="Redeem a voucher", annotations=REDEEMS)
    async def redeem_voucher(
        member_number: MemberNumber, phone_code: PhoneCode, voucher_code: VoucherCode
    ) -> Redemption:
        """Redeem a voucher: add its worth to a member's account. It can be redeemed once."""
        return await accounts.redeem(member_number, phone_code, voucher_code)

    return server


if __name__ == "__main__":
    run(build, __doc__)
