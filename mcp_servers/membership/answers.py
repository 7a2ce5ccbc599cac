"""What the members server answers: values for a program and a summary for a voice."""

from datetime import date, datetime

from pydantic import BaseModel, Field


class Answer(BaseModel):
    """What every answer has."""

    summary: str = Field(description="The answer as it can be read out to the caller")


class Balance(Answer):
    """What is on a member's account."""

    member_number: str
    name: str
    balance: int = Field(description="Cents")
    currency: str = "USD"


class Movement(BaseModel):
    """Money that came to an account or left it."""

    at: datetime
    text: str
    amount: int = Field(description="Cents; negative when it left the account")
    balance: int = Field(description="Cents, afterwards")


class Statement(Answer):
    """A page of an account's movements, newest first."""

    member_number: str
    movements: list[Movement]
    next_page: str | None = Field(description="Ask with it for older ones; none are left if null")


class Redemption(Answer):
    """A voucher that was added to an account."""

    code: str
    value: int = Field(description="Cents")
    balance: int = Field(description="Cents on the account now")
    redeemed_at: datetime


class Voucher(Answer):
    """A voucher as it stands."""

    code: str
    value: int = Field(description="Cents")
    valid_until: date
    is_redeemed: bool
