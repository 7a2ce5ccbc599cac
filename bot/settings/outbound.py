"""Which calls the service places, and when."""

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, BaseModel, Field

from bot.outbound.quiet_hours import check_quiet_hours
from bot.settings.forms import Words


def _countries(codes: tuple[str, ...]) -> tuple[str, ...]:
    upper = tuple(code.upper() for code in codes)
    for code in upper:
        if code not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"a comma-separated list of countries such as US,GB, not {code!r}")
    return upper


class OutboundSettings(BaseModel):
    """Which calls the service places, and when."""

    outbound_countries: Annotated[Words, AfterValidator(_countries)] = Field(
        default=(),
        description="Countries that are called, such as US,GB; that of our number when empty.",
    )
    outbound_quiet_hours: Annotated[str, AfterValidator(check_quiet_hours)] = Field(
        default="21:00-08:00",
        description="When nobody is called, by the clock of who is called; none for never.",
    )
    outbound_calls_per_minute: int = Field(
        default=10, ge=1, le=10_000, description="Outbound calls that are placed in any minute."
    )
    outbound_calls_at_once: int = Field(
        default=5, ge=1, le=10_000, description="Outbound calls at once, ringing ones included."
    )
    outbound_ring_s: int = Field(
        default=30, ge=5, le=600, description="Seconds that an outbound call may ring."
    )
    outbound_first_words_s: float = Field(
        default=2.0,
        ge=0,
        le=10,
        description="Seconds that who is called has to say hello before they are greeted.",
    )
    outbound_max_duration_s: float = Field(
        default=600.0,
        ge=10,
        le=14_400,
        description="Seconds that an outbound call may last that asks for no other limit.",
    )
