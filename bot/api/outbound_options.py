"""What a call out can be asked for, for a form: countries, teams, and the request itself."""

from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from fastapi import APIRouter
from pydantic import BaseModel

from bot.api.access import Operator, SwitchboardOf
from bot.outbound.wishes import CallRequest

router = APIRouter(prefix="/api", tags=["outbound"])


class Country(BaseModel):
    """A country that is called: ISO 3166 code, and how its numbers begin."""

    code: str
    prefix: str


class TeamChoice(BaseModel):
    """A team that can hold the call."""

    name: str
    title: str


class OutboundOptions(BaseModel):
    """What `POST /api/calls` takes here.

    ``from_number`` is null where no account at a carrier is set, so that no call can be placed.
    With ``dry_run`` the carrier is the emulator, and nobody's telephone rings. ``request`` is the
    JSON Schema of the request.
    """

    from_number: str | None
    carrier: str
    dry_run: bool
    countries: list[Country]
    quiet_hours: str
    max_duration_s: float
    teams: list[TeamChoice]
    request: dict[str, Any]


@router.get("/outbound")
async def outbound_options(switchboard: SwitchboardOf, _operator: Operator) -> OutboundOptions:
    """What a call can be asked for, and where it would go."""
    settings, carrier = switchboard.settings, switchboard.carrier
    countries = sorted(switchboard.outbound.rules.countries)
    return OutboundOptions(
        from_number=settings.twilio_phone_number if carrier else None,
        carrier=urlsplit(settings.twilio_api_url).netloc,
        dry_run=carrier is not None and await carrier.is_emulated(),
        countries=[
            Country(code=code, prefix=f"+{phonenumbers.country_code_for_region(code)}")
            for code in countries
        ],
        quiet_hours=settings.outbound_quiet_hours,
        max_duration_s=settings.outbound_max_duration_s,
        teams=[TeamChoice(name=team.name, title=team.title) for team in switchboard.teams.values()],
        request=CallRequest.model_json_schema(),
    )
