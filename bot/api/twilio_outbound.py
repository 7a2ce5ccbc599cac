"""What the carrier reports of calls that we placed: answered, how far they are, and by what.

All of these are webhooks that it signs; ``call_id`` in their address is part of what it signs.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from loguru import logger

from bot.api.access import SwitchboardOf
from bot.api.twilio import TwiML, connect_stream, say_and_hang_up
from bot.api.twilio_signature import FORM, REFUSED, Webhook
from bot.outbound.states import read_status

SORRY = "I am sorry, we have a technical problem. We will try again later. Goodbye."

router = APIRouter(prefix="/twilio", tags=["phone"], responses=REFUSED)

CallId = Annotated[str, Query(max_length=64)]


@router.post("/answered", response_class=TwiML, openapi_extra=FORM)
async def answered(
    request: Request, switchboard: SwitchboardOf, webhook: Webhook, call_id: CallId = ""
) -> TwiML:
    """Somebody picked up: connects them to the media stream."""
    provider_call_id = webhook.get("CallSid", "")
    call = await switchboard.outbound.find(call_id, provider_call_id)
    if call is None or call.is_over or not switchboard.calls.has_room:
        logger.warning("an outbound call was answered that cannot be held")
        return say_and_hang_up(SORRY)
    switchboard.answering.begin(call)
    return connect_stream(request, switchboard, call.id, call.plan, provider_call_id)


@router.post("/status", status_code=204, response_class=Response, openapi_extra=FORM)
async def status(switchboard: SwitchboardOf, webhook: Webhook, call_id: CallId = "") -> None:
    """How far a call is. What comes late, twice or out of order changes nothing."""
    reported = read_status(webhook.get("CallStatus", ""))
    sequence = webhook.get("SequenceNumber", "")
    if reported is None or not sequence.isdecimal():
        logger.warning("the carrier reports a state that there is not")
        return
    cause = webhook.get("SipResponseCode", "") if reported == "failed" else ""
    await switchboard.outbound.report(
        call_id,
        webhook.get("CallSid", ""),
        reported,
        int(sequence[:9]),
        detail=f"SIP {cause[:3]}" if cause else "",
    )


@router.post("/machine", status_code=204, response_class=Response, openapi_extra=FORM)
async def machine(switchboard: SwitchboardOf, webhook: Webhook, call_id: CallId = "") -> None:
    """What answered, as the carrier hears it."""
    if call := await switchboard.outbound.find(call_id, webhook.get("CallSid", "")):
        switchboard.answering.carrier_says(call, webhook.get("AnsweredBy", "")[:40])
