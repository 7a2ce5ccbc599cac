"""Calls from a browser over WebRTC: offer and answer, then candidates as they are found."""

from collections.abc import Mapping
from typing import Annotated, Any

from aiortc.sdp import SessionDescription, candidate_from_sdp
from fastapi import APIRouter, Depends
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pydantic import AfterValidator, AliasChoices, BaseModel, Field

from agents import UnknownAgentError, UnknownTeamError
from bot.api.access import MAY_NOT_TALK, SwitchboardOf, may_talk
from bot.api.problems import Problem
from bot.calls import NoRoomError, new_call_id
from bot.rollout import ClosedError
from bot.switchboard import Switchboard
from bot.transports.webrtc import PeerConnection, WebRTCLine
from bot.voices import Voice

router = APIRouter(
    prefix="/api", tags=["browser"], dependencies=[Depends(may_talk)], responses=MAY_NOT_TALK
)

MAX_SDP_CHARACTERS = 64 * 1024


def _sdp(text: str) -> str:
    """Checks that ``text`` is a session description that offers audio."""
    try:
        description = SessionDescription.parse(text)
    except Exception as error:  # aiortc raises whatever its line of code happens to
        raise ValueError("sdp is not a session description (RFC 8866)") from error
    if not any(media.kind == "audio" for media in description.media):
        raise ValueError("sdp offers no audio")
    return text


def _candidate(text: str) -> str:
    if text:
        try:
            candidate_from_sdp(text.removeprefix("candidate:"))
        except Exception as error:  # the same
            raise ValueError("candidate is not an ICE candidate (RFC 8839)") from error
    return text


class RequestData(BaseModel):
    """What the page wants of the call: a team, who of it answers, and a voice for all of them."""

    team: str | None = None
    agent: str | None = None
    voice: Voice | None = None


class Offer(BaseModel):
    """A browser's offer. ``pc_id`` names a connection to negotiate anew instead of a new call."""

    sdp: Annotated[str, Field(max_length=MAX_SDP_CHARACTERS), AfterValidator(_sdp)]
    type: Annotated[str, Field(pattern="^offer$")]
    pc_id: str | None = None
    restart_pc: bool | None = None
    request_data: RequestData | None = Field(
        default=None, validation_alias=AliasChoices("request_data", "requestData")
    )


class Answer(BaseModel):
    """Our answer; ``pc_id`` names the connection from now on."""

    sdp: str
    type: str
    pc_id: str


class Candidate(BaseModel):
    """An ICE candidate; an empty one says that there are no more."""

    candidate: Annotated[str, Field(max_length=1024), AfterValidator(_candidate)]
    sdp_mid: str
    sdp_mline_index: int


class Candidates(BaseModel):
    """Candidates that the browser found after its offer."""

    pc_id: str
    candidates: list[Candidate] = Field(max_length=100)


@router.post("/offer", responses={503: {"description": "Too many calls, or shutting down"}})
async def offer(offer: Offer, switchboard: SwitchboardOf) -> Answer:
    """Starts a call with a browser, or negotiates its connection anew."""
    wanted = offer.request_data or RequestData()
    try:
        team = switchboard.team_asked_for(wanted.team, wanted.agent)
    except UnknownTeamError as unknown:
        raise Problem(422, str(unknown), field="request_data.team") from unknown
    except UnknownAgentError as unknown:
        raise Problem(422, str(unknown), field="request_data.agent") from unknown
    peers = switchboard.peers
    if offer.pc_id and (known := peers.get(offer.pc_id)):
        await known.renegotiate(offer.sdp, offer.type, restart_pc=bool(offer.restart_pc))
        return answer_of(known, peers)
    try:
        call_id = new_call_id()
        plan = switchboard.rollout.inbound(call_id, team=team, voice=wanted.voice)
        call = switchboard.calls.admit(call_id, plan)
    except NoRoomError as full:
        switchboard.metrics.refused("webrtc", is_off=isinstance(full, ClosedError))
        raise Problem(503, str(full), headers={"Retry-After": "30"}) from full
    try:
        connection = await negotiated(offer, switchboard)
    except BaseException:
        call.release()
        raise
    # A task: the call runs on long after the answer.
    call.start(WebRTCLine(connection))
    return answer_of(connection, peers)


async def negotiated(offer: Offer, switchboard: Switchboard) -> PeerConnection:
    """A connection that has taken the offer. Raises `Problem` for one that can't be answered."""
    connection = PeerConnection(list(switchboard.settings.ice_servers))
    try:
        await connection.initialize(offer.sdp, offer.type)
    except Exception as error:  # aiortc: nothing but the offer can have caused it
        await connection.disconnect()
        raise Problem(422, f"this offer cannot be answered: {error}", field="sdp") from error
    return connection


def answer_of(connection: SmallWebRTCConnection, peers: dict[str, SmallWebRTCConnection]) -> Answer:
    """What a connection answers; it is known by its id from now on, until it is closed."""
    answer = Answer.model_validate(connection.get_answer())
    if answer.pc_id not in peers:
        peers[answer.pc_id] = connection

        async def forget(_connection: Any) -> None:
            peers.pop(answer.pc_id, None)

        connection.add_event_handler("closed", forget)
    return answer


@router.patch(
    "/offer", status_code=204, responses={404: {"description": "There is no such connection"}}
)
async def candidates(candidates: Candidates, switchboard: SwitchboardOf) -> None:
    """Adds candidates to a connection; 404 when there is none of that id."""
    await add_candidates(candidates, switchboard.peers)


async def add_candidates(
    candidates: Candidates, peers: Mapping[str, SmallWebRTCConnection]
) -> None:
    """Adds what a browser has found since. Raises `Problem` for an unknown connection."""
    connection = peers.get(candidates.pc_id)
    if connection is None:
        raise Problem(404, "there is no such connection", field="pc_id")
    for found in candidates.candidates:
        if not found.candidate:
            await connection.add_ice_candidate(None)
            continue
        candidate = candidate_from_sdp(found.candidate.removeprefix("candidate:"))
        candidate.sdpMid = found.sdp_mid
        candidate.sdpMLineIndex = found.sdp_mline_index
        await connection.add_ice_candidate(candidate)
