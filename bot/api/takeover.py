"""An operator talks with the caller in the agent's place: by WebRTC, or a WebSocket without UDP."""

from fastapi import APIRouter, Depends
from starlette.websockets import WebSocket

from bot.api.access import Operator, SwitchboardOf
from bot.api.control import CallId, Done, refusals
from bot.api.webrtc import Answer, Candidates, Offer, add_candidates, answer_of, negotiated
from bot.operator_leg import OperatorLeg
from bot.transports.webrtc import WebRTCLine
from bot.transports.websocket import WebSocketLine

router = APIRouter(
    prefix="/api/calls/{call_id}",
    tags=["control"],
    dependencies=[Depends(refusals)],
    responses={
        404: {"description": "There is no such live call"},
        409: {"description": "Somebody else has it, or the call can't do that now"},
    },
)


@router.post("/takeover/offer")
async def take_over(
    call_id: CallId, switchboard: SwitchboardOf, operator: Operator, offer: Offer
) -> Answer:
    """Connects an operator by WebRTC; their first audio takes the call over.

    An offer with the ``pc_id`` of a connection negotiates that one anew.
    """
    peers = switchboard.peers
    if offer.pc_id and (known := peers.get(offer.pc_id)):
        await known.renegotiate(offer.sdp, offer.type, restart_pc=bool(offer.restart_pc))
        return answer_of(known, peers)
    takeover, seat, audio = switchboard.control.reserve(call_id, by=operator.name)
    try:
        connection = await negotiated(offer, switchboard)
        leg = OperatorLeg(WebRTCLine(connection), audio, takeover, seat)
        switchboard.control.connect(call_id, leg)
    except BaseException:
        takeover.give_up(seat)
        raise
    return answer_of(connection, peers)


@router.patch("/takeover/offer", status_code=204)
async def take_over_candidates(
    call_id: CallId, switchboard: SwitchboardOf, _operator: Operator, candidates: Candidates
) -> None:
    """Adds candidates to an operator's connection; 404 when there is none of that id."""
    await add_candidates(candidates, switchboard.peers)


@router.websocket("/takeover")
async def take_over_by_websocket(
    websocket: WebSocket, call_id: str, switchboard: SwitchboardOf, operator: Operator
) -> None:
    """The same where UDP is blocked: RTVI in Pipecat's protobuf frames, as at ``/ws``."""
    takeover, seat, audio = switchboard.control.reserve(call_id, by=operator.name)
    try:
        await websocket.accept()
        await OperatorLeg(WebSocketLine(websocket), audio, takeover, seat).run()
    finally:
        takeover.give_up(seat)


@router.post("/handback")
async def hand_back(call_id: CallId, switchboard: SwitchboardOf, _operator: Operator) -> Done:
    """Gives the caller back to the agent, who knows what was said and speaks first."""
    await switchboard.control.hand_back(call_id)
    return Done(call_id=call_id)
