"""The carrier's side of the service: webhooks that answer with TwiML, and the media socket.

A call's way: ``/twilio/voice`` tells the carrier to connect a media stream; the conversation runs
over ``/twilio/media``; when that closes, the carrier asks ``/twilio/after`` what comes next, which
hangs up, or apologises first when the call was cut short.
"""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from loguru import logger
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, Stream, VoiceResponse

from bot.api.access import SwitchboardOf
from bot.calls import NoRoomError, new_call_id
from bot.settings import Settings
from bot.transports.media_streams import TRY_AGAIN_LATER, StreamError
from bot.transports.twilio import MediaSocket, TwilioLine

BUSY = "All of our lines are busy at the moment. Please call again in a few minutes. Goodbye."
APOLOGY = "I am sorry, we have a technical problem. Please call again in a few minutes. Goodbye."
MAX_BODY_BYTES = 64 * 1024

router = APIRouter(prefix="/twilio", tags=["phone"])

Parameters = ImmutableMultiDict[str, str]


def public_url(settings: Settings, connection: HTTPConnection, scheme: str) -> str:
    """The service's base URL as the carrier knows it; ``scheme`` is ``http`` or ``ws``."""
    if settings.public_url:
        base = settings.public_url
    else:
        secure = connection.url.scheme in ("https", "wss")
        base = f"{'https' if secure else 'http'}://{connection.url.netloc}"
    return scheme + base.removeprefix("http")


async def webhook(request: Request, switchboard: SwitchboardOf) -> Parameters:
    """The parameters of a webhook that is the carrier's own; anything else gets 403."""
    settings = switchboard.settings
    posted = await _posted(request)
    if settings.twilio_auth_token:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
        signature = request.headers.get("X-Twilio-Signature", "")
        url = public_url(settings, request, "http") + path
        if not validator.validate(url, posted, signature):
            logger.warning("refused a webhook for {}: its signature is wrong", url)
            raise HTTPException(403, "X-Twilio-Signature is missing or wrong")
    parameters = posted if request.method == "POST" else request.query_params
    expected = settings.twilio_account_sid
    if expected and parameters.get("AccountSid") != expected:
        logger.warning("refused a webhook of another account")
        raise HTTPException(403, "AccountSid is not the account of this service")
    return parameters


async def _posted(request: Request) -> Parameters:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"the body has more than {MAX_BODY_BYTES} bytes")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return ImmutableMultiDict(pairs)


Webhook = Annotated[Parameters, Depends(webhook)]


class TwiML(Response):
    """A TwiML document."""

    media_type = "application/xml"

    def __init__(self, document: VoiceResponse | None = None) -> None:
        super().__init__(str(document) if document is not None else None)


def _say_and_hang_up(text: str) -> TwiML:
    document = VoiceResponse()
    document.say(text)
    document.hangup()
    return TwiML(document)


@router.get("/voice", operation_id="twilio_voice_get", response_class=TwiML)
@router.post("/voice", operation_id="twilio_voice_post", response_class=TwiML)
async def voice(request: Request, switchboard: SwitchboardOf, _webhook: Webhook) -> TwiML:
    """A call comes in: connects it to the media stream, or says that all lines are busy."""
    if not switchboard.calls.has_room:
        logger.warning("a caller heard the busy message")
        return _say_and_hang_up(BUSY)
    settings = switchboard.settings
    stream = Stream(url=f"{public_url(settings, request, 'ws')}/twilio/media")
    stream.parameter(name="call_id", value=new_call_id())
    stream.parameter(name="team", value=switchboard.team.name)
    connect = Connect()
    connect.append(stream)
    document = VoiceResponse()
    document.append(connect)
    document.redirect(f"{public_url(settings, request, 'http')}/twilio/after", method="POST")
    return TwiML(document)


@router.get("/after", operation_id="twilio_after_get", response_class=TwiML)
@router.post("/after", operation_id="twilio_after_post", response_class=TwiML)
async def after(switchboard: SwitchboardOf, webhook: Webhook) -> TwiML:
    """The media stream is over and the caller is still there: hangs up, with an apology if due."""
    outcome = switchboard.calls.outcome(webhook.get("CallSid", ""))
    if outcome in (None, "error"):
        return _say_and_hang_up(APOLOGY)
    document = VoiceResponse()
    document.hangup()
    return TwiML(document)


@router.websocket("/media")
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
    try:
        call = switchboard.calls.admit(start.parameters.get("call_id"))
    except NoRoomError as full:
        logger.warning("refused a media stream: {}", full)
        await socket.close(TRY_AGAIN_LATER, str(full))
        return
    carrier = switchboard.carrier
    await call.run(TwilioLine(socket, start, hang_up=carrier.hang_up if carrier else None))
