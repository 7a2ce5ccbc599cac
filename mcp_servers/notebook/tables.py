"""The tables of the concierge's notebook. Money is whole cents."""

from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Time,
    UniqueConstraint,
)

metadata = MetaData()

quotes = Table(
    "errand_quotes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("service", String(80), nullable=False, comment="what was asked for, in lower case"),
    Column("business", String(80), nullable=False),
    Column("price", Integer, nullable=False, comment="cents"),
    Column("currency", String(3), nullable=False, comment="ISO 4217"),
    Column("details", String(500), nullable=False),
    Column("availability", String(120), nullable=False),
    Column("valid_until", Date),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    Index("errand_quotes_service", "service", "business"),
    sqlite_autoincrement=True,
)

offers = Table(
    "errand_offers",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("business", String(80), nullable=False),
    Column("offer", String(300), nullable=False),
    Column("valid_until", Date),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("business", "offer", name="errand_offers_once"),
    sqlite_autoincrement=True,
)

orders = Table(
    "errand_orders",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("business", String(80), nullable=False),
    Column("items", JSON, nullable=False, comment="[{name, quantity, customizations}]"),
    Column("total", Integer, nullable=False, comment="cents"),
    Column("confirmation_number", String(40), nullable=False),
    Column("estimated_time", String(80), nullable=False),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("business", "confirmation_number", name="errand_orders_once"),
    sqlite_autoincrement=True,
)

appointments = Table(
    "errand_appointments",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("business", String(80), nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Time, nullable=False, comment="local time of the business"),
    Column("confirmation_number", String(40), nullable=False),
    Column("notes", String(300), nullable=False),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("day", "at", name="errand_appointments_one_at_a_time"),
    Index("errand_appointments_next", "day", "at"),
    sqlite_autoincrement=True,
)
