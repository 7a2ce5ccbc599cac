"""The carrier's side of the service: webhooks that answer with TwiML, and the media socket.

A call's way: ``/twilio/voice`` tells the carrier to connect a media stream; the conversation runs
over ``/twilio/media``; when that closes, the carrier asks ``/twilio/after`` what comes next, which
hangs up, apologises first when the call was cut short, or connects the caller to somebody else.
"""

import re

from fastapi import APIRouter, Depends, Request, Response
from loguru import logger
from starlette.websockets import WebSocket
from twilio.twiml.voice_response import Connect, Stream, VoiceResponse

from agents import UnknownTeamError
from bot.announcements import APOLOGY, CALLED_APOLOGY
from bot.api.access import SwitchboardOf
from bot.api.twilio_signature import FORM, REFUSED, Webhook, media_upgrade, public_url
from bot.calls import NoRoomError, new_call_id
from bot.follow_up import Apologise, Dial, HangUp
from bot.plan import CallPlan
from bot.rollout import ClosedError
from bot.stream_tokens import StreamTokenError
from bot.switchboard import Switchboard
from bot.transports.media_socket import MediaSocket
from bot.transports.media_streams import POLICY_VIOLATION, TRY_AGAIN_LATER, StreamError
from bot.transports.twilio import TwilioLine

BUSY = "All of our lines are busy at the moment. Please call again in a few minutes. Goodbye."
CLOSED = "We are not taking calls at the moment. Please call again later. Goodbye."
NOBODY = "I am sorry, nobody can take your call now. Please call again later. Goodbye."
DIAL_TIMEOUT_S = 25
"""How long a transfer rings. Most voicemail services answer later than that."""

NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""No document can hold it, escaped or not: https://www.w3.org/TR/xml/#charsets."""

router = APIRouter(prefix="/twilio", tags=["phone"], responses=REFUSED)


class TwiML(Response):
    """A TwiML document."""

    media_type = "application/xml"

    # FastAPI reads the status that its OpenAPI document shows from this signature.
    def __init__(self, document: VoiceResponse | None = None, status_code: int = 200) -> None:
        text = NOT_IN_XML.sub("", str(document)) if document is not None else None
        super().__init__(text, status_code)


def say_and_hang_up(text: str) -> TwiML:
    """Has the carrier say something in its own voice, and ends the call."""
    document = VoiceResponse()
    document.say(text)
    document.hangup()
    return TwiML(document)


@router.get("/voice", operation_id="twilio_voice_get", response_class=TwiML)
@router.post("/voice", operation_id="twilio_voice_post", response_class=TwiML, openapi_extra=FORM)
async def voice(request: Request, switchboard: SwitchboardOf, webhook: Webhook) -> TwiML:
    """A call comes in: connects it to the media stream, or says that all lines are busy."""
    if not switchboard.calls.has_room:
        logger.warning("a caller heard the busy message")
        switchboard.metrics.refused("phone")
        return say_and_hang_up(BUSY)
    call_id = new_call_id()
    caller, called = webhook.get("From") or None, webhook.get("To") or None
    try:
        plan = switchboard.rollout.inbound(call_id, caller=caller, called=called)
    except ClosedError:
        logger.info("a caller heard that no calls are taken")
        switchboard.metrics.refused("phone", is_off=True)
        return say_and_hang_up(CLOSED)
    switchboard.announced.announce(call_id, plan)
    return connect_stream(request, switchboard, call_id, plan, webhook.get("CallSid", ""))


def connect_stream(
    request: Request, switchboard: Switchboard, call_id: str, plan: CallPlan, provider_call_id: str
) -> TwiML:
    """Connects the carrier's call to the media stream, as the call of that id."""
    settings = switchboard.settings
    stream = Stream(url=f"{public_url(settings, request, 'ws')}/twilio/media")
    token = switchboard.stream_tokens.issue(call_id, provider_call_id)
    stream.parameter(name="call_id", value=call_id)
    stream.parameter(name="team", value=plan.team.name)
    stream.parameter(name="token", value=token)
    connect = Connect()
    connect.append(stream)
    document = VoiceResponse()
    document.append(connect)
    document.redirect(f"{public_url(settings, request, 'http')}/twilio/after", method="POST")
    return TwiML(document)


@router.get("/after", operation_id="twilio_after_get", response_class=TwiML)
@router.post("/after", operation_id="twilio_after_post", response_class=TwiML, openapi_extra=FORM)
async def after(request: Request, switchboard: SwitchboardOf, webhook: Webhook) -> TwiML:
    """The media stream is over and the caller is still there: does what is to follow."""
    follow_up = switchboard.calls.follow_up(webhook.get("CallSid", ""))
    document = VoiceResponse()
    match follow_up:
        case Apologise():
            was_called = webhook.get("Direction", "").startswith("outbound")
            return say_and_hang_up(CALLED_APOLOGY.text if was_called else APOLOGY.text)
        case Dial(number):
            base = public_url(switchboard.settings, request, "http")
            dial = document.dial(
                action=f"{base}/twilio/dialled", method="POST", timeout=DIAL_TIMEOUT_S
            )
            dial.number(number)
        case HangUp():
            document.hangup()
    return TwiML(document)


@router.get("/dialled", operation_id="twilio_dialled_get", response_class=TwiML)
@router.post(
    "/dialled", operation_id="twilio_dialled_post", response_class=TwiML, openapi_extra=FORM
)
async def dialled(webhook: Webhook) -> TwiML:
    """A transfer is over: hangs up, after an apology when nobody had answered."""
    status = webhook.get("DialCallStatus", "")
    if status not in ("completed", "answered"):
        logger.warning("nobody answered a transfer: {}", status or "no status")
        return say_and_hang_up(NOBODY)
    document = VoiceResponse()
    document.hangup()
    return TwiML(document)


@router.websocket("/media", dependencies=[Depends(media_upgrade)])
async def media(websocket: WebSocket, switchboard: SwitchboardOf) -> None:
    """A call's media stream, from its start to its end."""
    await websocket.accept()
    socket = MediaSocket(websocket)
    try:
        start = await socket.start()
    except StreamError as error:
        logger.warning("closed a media socket that sent {}", error)
        await socket.close(error.code, str(error))
        return
    if start is None:
        logger.info("a media socket closed before its stream started")
        return
    call_id = start.parameters.get("call_id", "")
    try:
        switchboard.stream_tokens.redeem(
            start.parameters.get("token", ""), call_id=call_id, provider_call_id=start.call_sid
        )
    except StreamTokenError as refused:
        logger.warning("closed a media socket that came with {}", refused)
        await socket.close(POLICY_VIOLATION, str(refused))
        return
    if transfer := switchboard.transfers.take_back(call_id):
        transfer.resume(socket, start)
        await socket.closed.wait()
        return
    plan = switchboard.announced.claim(call_id)
    if plan is None:
        # Announced by another process, or before a restart: whoever was to answer does.
        plan = _plan_of_stream(switchboard, start.parameters.get("team"))
    try:
        call = switchboard.calls.admit(call_id, plan)
    except NoRoomError as full:
        logger.warning("refused a media stream: {}", full)
        switchboard.metrics.refused("phone")
        await socket.close(TRY_AGAIN_LATER, str(full))
        return
    carrier = switchboard.carrier
    base = public_url(switchboard.settings, websocket, "http")
    await call.run(
        TwilioLine(
            socket,
            start,
            hang_up=carrier.hang_up if carrier else None,
            transfer=switchboard.transfers.of(call, base),
        )
    )


def _plan_of_stream(switchboard: Switchboard, team: str | None) -> CallPlan:
    try:
        return CallPlan(team=switchboard.team_named(team))
    except UnknownTeamError as unknown:
        logger.warning("a media stream asks for a team: {}", unknown)
        return CallPlan(team=switchboard.team)
