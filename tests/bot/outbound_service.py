"""A service with an account at the emulated carrier, and people who are called."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from twilio.request_validator import RequestValidator

from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from emulators.twilio.party import Party
from emulators.twilio.rest import rest_app
from processors.events.event import Event
from tests.bot.events import events_of
from tests.bot.service import Service, model, service, until
from tests.patience import PATIENCE_S

TOKEN = "12345"
OURS = "+14155550100"
THEIRS = "+14155550123"

RING_PACE = 0.1
"""Nobody has to wait for real while it rings."""


class Desk:
    """Whoever places calls, with everything that can be seen of them."""

    def __init__(self, running: Service, carrier: Carrier, http: httpx.AsyncClient) -> None:
        self.running = running
        self.carrier = carrier
        self.http = http
        self.events: list[Event] = []

    async def place(self, to: str = THEIRS, key: str | None = None, **body: Any) -> httpx.Response:
        """Asks for a call."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.post("/api/calls", json={"to": to, **body}, headers=headers)

    async def over(self) -> LiveCall:
        """The one call, when it is over at the carrier and here."""
        [live] = self.carrier.calls.values()
        await live.over.wait()
        await until(lambda: not self.running.switchboard.calls.live)
        await until(lambda: not self.running.switchboard.outbound.live)
        return live

    def of(self, kind: type[Event]) -> list[Any]:
        """The events of a type; filled when the desk closes."""
        return [event for event in self.events if isinstance(event, kind)]

    def statuses(self) -> list[str]:
        """The states that the call went through."""
        return [e.status for e in self.events if getattr(e, "type", "") == "call.status"]


@asynccontextmanager
async def desk(
    script: str,
    hearing: list[str] | tuple[str, ...] = (),
    *,
    party: Callable[[], Party] | None = None,
    rules: dict[str, Callee] | None = None,
    **settings: Any,
) -> AsyncIterator[Desk]:
    """A service whose model follows ``script`` and hears ``hearing``, and a carrier."""
    person = Callee(party=party, ring_s=0.1) if party else Callee(ring_s=0.1)
    chosen = {
        "outbound_quiet_hours": "none",
        "twilio_phone_number": OURS,
        "outbound_first_words_s": 0.5,
    } | settings
    async with (
        Carrier(
            auth_token=TOKEN, directory=Directory(person, rules), ring_pace=RING_PACE
        ) as carrier,
        serving(rest_app(carrier)) as api,
        model(script, hearing) as emulator,
        service(
            emulator.url,
            twilio_account_sid=carrier.account_sid,
            twilio_auth_token=TOKEN,
            twilio_api_url=api,
            **chosen,
        ) as running,
        httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as http,
    ):
        at_the_desk = Desk(running, carrier, http)
        async with events_of(running) as events:
            yield at_the_desk
        at_the_desk.events.extend(events)


async def report(here: Desk, call_id: str, sid: str, status: str, number: int, **sign: str) -> int:
    """The carrier's callback about a call, signed unless another signature is given."""
    url = f"{here.running.http}/twilio/status?call_id={call_id}"
    form = {
        "AccountSid": here.carrier.account_sid,
        "CallSid": sid,
        "CallStatus": status,
        "SequenceNumber": str(number),
    }
    signature = sign.get("signature") or RequestValidator(TOKEN).compute_signature(url, form)
    answer = await here.http.post(url, data=form, headers={"X-Twilio-Signature": signature})
    return answer.status_code
