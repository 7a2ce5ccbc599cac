"""Acts on phone calls at the carrier, over its REST API."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from loguru import logger
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.settings import Settings

TIMEOUT_S = 5.0
EMULATOR_HEADER = "X-Emulator"
"""In every answer of `emulators.twilio`, and in none of the carrier's."""

PROGRESS = ("initiated", "ringing", "answered", "completed")


class CarrierRefusedError(Exception):
    """The carrier does not do what it was asked.

    Attributes:
        code: Its number for the error (https://www.twilio.com/docs/api/errors), 0 without one.
    """

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class CarrierAwayError(Exception):
    """The carrier was not reached, or gave no answer that can be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCall:
    """What the carrier is told about a call that it is to place.

    Attributes:
        to: E.164.
        from_: E.164; a number of the account's.
        answer_url: Asked for TwiML when somebody answers.
        status_url: Told of the call's progress.
        machine_url: Told what answered.
        waits_for_beep: Whether a machine's greeting is heard out before that is told.
        ring_s: How long it may ring.
        time_limit_s: After this long the carrier cuts the call off, whatever we do.
    """

    to: str
    from_: str
    answer_url: str
    status_url: str
    machine_url: str
    waits_for_beep: bool
    ring_s: int
    time_limit_s: int


class Carrier:
    """One account at the carrier."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str) -> None:
        self._client = Client(
            account_sid, auth_token, http_client=TwilioHttpClient(timeout=TIMEOUT_S)
        )
        self._client.api.base_url = api_url
        self._api_url = api_url
        self._emulated: bool | None = None

    async def is_emulated(self) -> bool:
        """Whether this is the emulator, where nobody's telephone rings. It says so itself."""
        if self._emulated is None and not _is_twilio(self._api_url):
            try:
                answer = await asyncio.to_thread(requests.get, self._api_url, timeout=TIMEOUT_S)
            except (requests.RequestException, OSError) as error:
                logger.debug("the carrier did not say what it is: {}", type(error).__name__)
                return False
            self._emulated = EMULATOR_HEADER in answer.headers
        return bool(self._emulated)

    async def redirect(self, call_sid: str, twiml: str) -> bool:
        """Has a call in progress carry out other TwiML; whether the carrier does."""
        try:
            await asyncio.to_thread(self._client.calls(call_sid).update, twiml=twiml)
        except (TwilioException, requests.RequestException, OSError) as error:
            logger.warning("the carrier did not redirect a call: {}", error)
            return False
        return True

    async def place(self, call: PlacedCall) -> str:
        """Has a number called; the call's id at the carrier.

        https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource

        Raises:
            CarrierRefusedError: It does not place this call.
            CarrierAwayError: Nobody knows whether it does.
        """
        try:
            placed = await asyncio.to_thread(
                self._client.calls.create,
                to=call.to,
                from_=call.from_,
                url=call.answer_url,
                method="POST",
                status_callback=call.status_url,
                status_callback_method="POST",
                status_callback_event=list(PROGRESS),
                timeout=call.ring_s,
                time_limit=call.time_limit_s,
                machine_detection="DetectMessageEnd" if call.waits_for_beep else "Enable",
                async_amd="true",
                async_amd_status_callback=call.machine_url,
                async_amd_status_callback_method="POST",
            )
        except TwilioRestException as error:
            if error.status >= 500:
                raise CarrierAwayError(f"the carrier answered {error.status}") from error
            raise CarrierRefusedError(str(error.msg), int(error.code or 0)) from error
        except (TwilioException, requests.RequestException, OSError) as error:
            raise CarrierAwayError(f"the carrier is away: {type(error).__name__}") from error
        if not placed.sid:
            raise CarrierAwayError("the carrier named no call")
        return str(placed.sid)

    async def hang_up(self, call_sid: str) -> bool:
        """Ends a call; whether the carrier did. Never raises for a carrier that doesn't."""
        return await self._update(call_sid, "completed")

    async def cancel(self, call_sid: str) -> bool:
        """Ends a call that nobody has answered yet; whether the carrier did."""
        return await self._update(call_sid, "canceled")

    async def status(self, call_sid: str) -> str | None:
        """The carrier's word for a call's state; None when it does not say."""
        try:
            call = await asyncio.to_thread(self._client.calls(call_sid).fetch)
        except (TwilioException, requests.RequestException, OSError) as error:
            logger.warning("the carrier did not say how a call is: {}", error)
            return None
        return str(call.status)

    async def _update(self, call_sid: str, status: str) -> bool:
        try:
            await asyncio.to_thread(self._client.calls(call_sid).update, status=status)
        except (TwilioException, requests.RequestException, OSError) as error:
            logger.warning("the carrier did not end a call: {}", error)
            return False
        return True


def _is_twilio(api_url: str) -> bool:
    host = urlsplit(api_url).hostname or ""
    return host == "twilio.com" or host.endswith(".twilio.com")


def carrier_for(settings: Settings) -> Carrier | None:
    """The account of the settings; None without one: calls then end with their media stream."""
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        return None
    return Carrier(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_api_url,
    )
