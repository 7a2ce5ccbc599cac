"""The tables of the travel agency."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Time,
)

metadata = MetaData()

hotels = Table(
    "travel_hotels",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("city", String(40), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("stars", Integer, nullable=False),
    Column("rating", Float, nullable=False),
    Column("rate", Integer, nullable=False, comment="dollars a night and room, before the season"),
    Column("capacity", Integer, nullable=False, comment="rooms"),
)

flights = Table(
    "travel_flights",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("origin", String(40), nullable=False),
    Column("destination", String(40), nullable=False),
    Column("airline", String(60), nullable=False),
    Column("departure", Time, nullable=False, comment="local time; flies every day"),
    Column("minutes", Integer, nullable=False),
    Column("stops", Integer, nullable=False),
    Column("rate", Integer, nullable=False, comment="dollars a seat, before the season"),
    Column("capacity", Integer, nullable=False, comment="seats"),
    Index("travel_flights_route", "origin", "destination"),
)

cars = Table(
    "travel_cars",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("city", String(40), nullable=False, index=True),
    Column("company", String(60), nullable=False),
    Column("car_class", String(20), nullable=False),
    Column("seats", Integer, nullable=False),
    Column("rate", Integer, nullable=False, comment="dollars a day, before the season"),
    Column("capacity", Integer, nullable=False, comment="cars"),
)

stock = Table(
    "travel_stock",
    metadata,
    Column("item_id", String(60), primary_key=True, comment="of a hotel, flight or car"),
    Column("day", Date, primary_key=True),
    Column("taken", Integer, nullable=False),
    CheckConstraint("taken >= 0", name="travel_stock_not_negative"),
)

bookings = Table(
    "travel_bookings",
    metadata,
    Column("confirmation_number", String(6), primary_key=True),
    Column("kind", String(10), nullable=False, comment="hotel, flight or car"),
    Column("item_id", String(60), nullable=False),
    Column("title", String(160), nullable=False, comment="what it is, as it is said"),
    Column("name", String(80), nullable=False, comment="of the guest, passenger or driver"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False, comment="check-out, flight or return day"),
    Column("people", Integer, nullable=False),
    Column("units", Integer, nullable=False, comment="rooms, seats or cars taken each day"),
    Column("price", Integer, nullable=False, comment="dollars, total"),
    Column("status", String(10), nullable=False, comment="booked or cancelled"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("cancelled_at", DateTime(timezone=True)),
)
