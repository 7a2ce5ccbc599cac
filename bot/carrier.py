"""Acts on phone calls at the carrier, over its REST API."""

import asyncio

import requests
from loguru import logger
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.settings import Settings

TIMEOUT_S = 5.0


class Carrier:
    """One account at the carrier."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str) -> None:
        self._client = Client(
            account_sid, auth_token, http_client=TwilioHttpClient(timeout=TIMEOUT_S)
        )
        self._client.api.base_url = api_url

    async def hang_up(self, call_sid: str) -> bool:
        """Ends a call; whether the carrier did. Never raises for a carrier that doesn't."""
        try:
            await asyncio.to_thread(self._client.calls(call_sid).update, status="completed")
        except (TwilioException, requests.RequestException, OSError) as error:
            logger.warning("the carrier did not hang up: {}", error)
            return False
        return True


def carrier_for(settings: Settings) -> Carrier | None:
    """The account of the settings; None without one: calls then end with their media stream."""
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        return None
    return Carrier(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_api_url,
    )
