"""What the carrier asks while a caller is given to a person.

``/twilio/transfers/{call_id}/…``: ``whisper`` is asked when a person has answered a warm transfer,
``decision`` when they have pressed a key, ``progress`` tells of their call, ``over`` asks what
becomes of the caller.
"""

from fastapi import APIRouter, Request, Response
from twilio.twiml.voice_response import Gather, VoiceResponse

from bot.api.access import SwitchboardOf
from bot.api.twilio import NOBODY, TwiML, connect_stream, say_and_hang_up
from bot.api.twilio_signature import FORM, REFUSED, Webhook
from bot.transfers import DECISION_S, OUTCOMES

CHOICE = "Press 1 to take the call, or 2 to decline."
NO_SUMMARY = "A caller is being put through to you."
DECISION_TIMEOUT_S = 8
ACCEPT = "1"

router = APIRouter(prefix="/twilio/transfers/{call_id}", tags=["phone"], responses=REFUSED)


@router.post(
    "/whisper", operation_id="twilio_transfer_whisper", response_class=TwiML, openapi_extra=FORM
)
async def whisper(call_id: str, switchboard: SwitchboardOf, _webhook: Webhook) -> TwiML:
    """A person has answered: tells them whom they get, twice, and asks whether they take it."""
    transfer = switchboard.transfers.under_way(call_id)
    document = VoiceResponse()
    if transfer:
        transfer.expect(DECISION_S)
        for text in (f"{transfer.order.summary or NO_SUMMARY} {CHOICE}", CHOICE):
            gather = Gather(
                num_digits=1, timeout=DECISION_TIMEOUT_S, action="decision", method="POST"
            )
            gather.say(text)
            document.append(gather)
    document.hangup()
    return TwiML(document)


@router.post(
    "/decision", operation_id="twilio_transfer_decision", response_class=TwiML, openapi_extra=FORM
)
async def decision(call_id: str, switchboard: SwitchboardOf, webhook: Webhook) -> TwiML:
    """The person has pressed a key: connects them, or lets them go."""
    transfer = switchboard.transfers.under_way(call_id)
    document = VoiceResponse()
    if transfer and webhook.get("Digits") == ACCEPT:
        # The end of this document connects them with the caller.
        await transfer.taken()
    else:
        document.hangup()
    return TwiML(document)


@router.post(
    "/progress", operation_id="twilio_transfer_progress", status_code=204, openapi_extra=FORM
)
async def progress(call_id: str, switchboard: SwitchboardOf, webhook: Webhook) -> Response:
    """The person's own call has got further."""
    transfer = switchboard.transfers.under_way(call_id)
    if transfer:
        await transfer.progress(webhook.get("CallStatus", ""))
    return Response(status_code=204)


@router.post("/over", operation_id="twilio_transfer_over", response_class=TwiML, openapi_extra=FORM)
async def over(
    call_id: str, request: Request, switchboard: SwitchboardOf, webhook: Webhook
) -> TwiML:
    """The person's call is over: brings a caller whom nobody took back to the agent."""
    status = webhook.get("DialCallStatus", "")
    transfer = switchboard.transfers.under_way(call_id)
    call = switchboard.calls.live.get(call_id)
    document = VoiceResponse()
    if transfer is None or call is None or transfer.is_taken:
        if status in OUTCOMES:
            return say_and_hang_up(NOBODY)
        document.hangup()
        return TwiML(document)
    if status == "completed" and transfer.order.kind == "blind":
        await transfer.taken()
        document.hangup()
        return TwiML(document)
    transfer.came_to_nothing(OUTCOMES.get(status, "declined"))
    return connect_stream(request, switchboard, call_id, call.plan, webhook.get("CallSid", ""))
