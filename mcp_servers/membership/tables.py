"""The tables of the savings club. Money is whole cents."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

members = Table(
    "members",
    metadata,
    Column("number", String(6), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("joined", Date, nullable=False),
    Column("balance", Integer, nullable=False, comment="cents"),
    Column("phone_code_salt", String(32), nullable=False, comment="hexadecimal"),
    Column("phone_code_hash", String(64), nullable=False, comment="scrypt, hexadecimal"),
    Column("wrong_codes", Integer, nullable=False, default=0, comment="in a row"),
    Column("locked_until", DateTime(timezone=True)),
    CheckConstraint("balance >= 0", name="members_balance_not_negative"),
)

movements = Table(
    "member_movements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("member", String(6), ForeignKey("members.number"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("text", String(120), nullable=False, comment="as it is said"),
    Column("amount", Integer, nullable=False, comment="cents; negative when it left the account"),
    Column("balance", Integer, nullable=False, comment="cents, afterwards"),
    Index("member_movements_newest", "member", "id"),
)

vouchers = Table(
    "member_vouchers",
    metadata,
    Column("code", String(20), primary_key=True, comment="a word and four digits: MAPLE4821"),
    Column("value", Integer, nullable=False, comment="cents"),
    Column("valid_until", Date, nullable=False),
    Column("redeemed_by", String(6), ForeignKey("members.number")),
    Column("redeemed_at", DateTime(timezone=True)),
    CheckConstraint(
        "(redeemed_by IS NULL) = (redeemed_at IS NULL)", name="member_vouchers_redeemed_whole"
    ),
)
