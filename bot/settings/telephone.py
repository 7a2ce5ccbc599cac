"""The carrier's account, and whom callers are transferred to."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationInfo

from bot.settings.forms import HttpUrl, PhoneNumber


def _account_sid(value: str) -> str:
    if not re.fullmatch(r"AC[0-9a-f]{32}", value):
        raise ValueError("an account SID: AC and 32 hexadecimal digits")
    return value


def _transfers_somewhere(choice: str, info: ValidationInfo) -> str:
    if choice == "transfer" and info.data.get("transfer_number", "wrong") is None:
        raise ValueError("end, unless TRANSFER_NUMBER says where to transfer to")
    return choice


class TelephoneSettings(BaseModel):
    """The carrier's account, and whom callers are transferred to."""

    twilio_enabled: bool = Field(default=True, description="Whether the phone routes answer.")
    twilio_account_sid: Annotated[str, AfterValidator(_account_sid)] | None = Field(
        default=None,
        description="The account of the phone calls: others are refused, hang-ups go through it.",
    )
    twilio_auth_token: SecretStr | None = Field(
        default=None, description="Checks the signature of every webhook as soon as it is set."
    )
    twilio_phone_number: PhoneNumber | None = Field(
        default=None, description="The number to dial, shown at the start and on the page."
    )
    twilio_api_url: HttpUrl = Field(
        default="https://api.twilio.com",
        description="The carrier's REST API, for placing calls and hanging up.",
    )
    transfer_number: PhoneNumber | None = Field(
        default=None, description="Whom phone callers are connected to when they need a person."
    )
    when_unavailable: Annotated[
        Literal["end", "transfer"], AfterValidator(_transfers_somewhere)
    ] = Field(
        default="end",
        description="After the apology, when no model answers: end, or transfer to that number.",
    )
