"""What the errands server takes and answers: values for a program, a summary for a voice."""

from datetime import date, time

from pydantic import BaseModel, Field


class Answer(BaseModel):
    """What every answer has."""

    summary: str = Field(description="The answer as it can be read out")


class OrderedItem(BaseModel):
    """A thing that is ordered."""

    name: str = Field(min_length=1, max_length=80, description="What it is")
    quantity: int = Field(default=1, ge=1, le=999, description="How many")
    customizations: list[str] = Field(
        default_factory=list, max_length=10, description="What is different about it"
    )


class Quote(BaseModel):
    """What a business asks for a service."""

    number: int
    service: str
    business: str
    price: float
    currency: str
    details: str
    availability: str
    valid_until: date | None


class QuoteAnswer(Answer):
    """One quote."""

    quote: Quote


class Validation(Answer):
    """What is doubtful about a quote; nothing if it is sound."""

    quote: Quote
    is_sound: bool
    doubts: list[str]


class Comparison(Answer):
    """The quotes for a service, the cheapest first."""

    service: str
    quotes: list[Quote]


class Offer(Answer):
    """A special offer of a business."""

    number: int
    business: str
    offer: str
    valid_until: date | None


class Order(Answer):
    """An order that a business has accepted."""

    number: int
    business: str
    items: list[OrderedItem]
    total_price: float
    confirmation_number: str
    estimated_time: str


class Appointment(BaseModel):
    """An appointment with a business."""

    number: int
    business: str
    day: date
    at: time
    confirmation_number: str
    notes: str


class AppointmentAnswer(Answer):
    """One appointment."""

    appointment: Appointment


class Appointments(Answer):
    """A page of the appointments that are to come, the next one first."""

    appointments: list[Appointment]
    next_page: str | None = Field(description="Ask with it for later ones; none are left if null")
