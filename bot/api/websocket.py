"""Calls from a browser over one WebSocket, where UDP does not get through."""

from fastapi import APIRouter, Depends
from loguru import logger
from starlette.websockets import WebSocket

from agents import UnknownAgentError, UnknownTeamError
from bot.api.access import SwitchboardOf, may_talk
from bot.calls import NoRoomError, new_call_id
from bot.rollout import ClosedError
from bot.transports.websocket import WebSocketLine

router = APIRouter(tags=["browser"], dependencies=[Depends(may_talk)])

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
MAX_REASON_CHARACTERS = 120
"""A close frame's reason has at most 123 bytes (RFC 6455, section 5.5)."""


@router.websocket("/ws")
async def talk(
    websocket: WebSocket,
    switchboard: SwitchboardOf,
    team: str | None = None,
    agent: str | None = None,
) -> None:
    """A call from its connection to its end: RTVI in Pipecat's protobuf frames.

    ``team`` in the query asks for another team than the one that answers, ``agent`` for the one of
    its agents that does.
    """
    await websocket.accept()
    try:
        call_id = new_call_id()
        wanted = switchboard.team_asked_for(team, agent)
        call = switchboard.calls.admit(call_id, switchboard.rollout.inbound(call_id, team=wanted))
    except UnknownTeamError as unknown:
        await websocket.close(POLICY_VIOLATION, f"team: {unknown}"[:MAX_REASON_CHARACTERS])
        return
    except UnknownAgentError as unknown:
        await websocket.close(POLICY_VIOLATION, f"agent: {unknown}"[:MAX_REASON_CHARACTERS])
        return
    except NoRoomError as full:
        logger.warning("refused a browser: {}", full)
        switchboard.metrics.refused("websocket", is_off=isinstance(full, ClosedError))
        await websocket.close(TRY_AGAIN_LATER, str(full))
        return
    await call.run(WebSocketLine(websocket))
