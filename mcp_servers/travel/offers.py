"""What the booking server answers: rows for a program and a summary for a voice."""

from datetime import date, time
from typing import Literal

from pydantic import BaseModel, Field

CarClass = Literal["economy", "compact", "standard", "luxury", "van", "sport utility"]


class Answer(BaseModel):
    """What every answer has."""

    summary: str = Field(description="The answer as it can be read out to the caller")


class HotelOffer(BaseModel):
    """A hotel with rooms free on all the nights."""

    hotel_id: str
    name: str
    stars: int
    rating: float = Field(description="Guests' rating, 0 to 10")
    price_per_night: int = Field(description="Average for all rooms needed, dollars")
    total_price: int = Field(description="All nights and rooms, dollars")
    rooms: int = Field(description="Rooms needed, two guests each")
    rooms_left: int


class Hotels(Answer):
    """Hotels that have room, cheapest first."""

    city: str
    check_in: date
    check_out: date
    hotels: list[HotelOffer]


class FlightOffer(BaseModel):
    """A flight with enough free seats."""

    flight_id: str
    name: str = Field(description="The airline, which is how a caller names the flight")
    departure: time = Field(description="Local time at the origin")
    duration_minutes: int
    stops: int
    price_per_seat: int = Field(description="Dollars")
    total_price: int = Field(description="All passengers, dollars")
    seats_left: int


class Flights(Answer):
    """Flights that have seats, cheapest first."""

    origin: str
    destination: str
    date: date
    flights: list[FlightOffer]


class CarOffer(BaseModel):
    """A rental car that is free on all the days."""

    car_id: str
    name: str = Field(description="Company and class, which is how a caller names the car")
    car_class: str
    seats: int
    price_per_day: int = Field(description="Average, dollars")
    total_price: int = Field(description="All days, dollars")
    cars_left: int


class Cars(Answer):
    """Cars that are free, cheapest first."""

    city: str
    pick_up: date
    drop_off: date
    cars: list[CarOffer]


class Confirmation(Answer):
    """A booking that was made."""

    confirmation_number: str = Field(description="Six digits; say them one by one")
    total_price: int = Field(description="Dollars")


class Booking(Answer):
    """A booking as it stands."""

    confirmation_number: str
    kind: Literal["hotel", "flight", "car"]
    title: str
    name: str
    first_day: date
    last_day: date
    people: int
    total_price: int = Field(description="Dollars")
    status: Literal["booked", "cancelled"]
