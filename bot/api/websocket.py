"""Calls from a browser over one WebSocket, where UDP does not get through."""

from fastapi import APIRouter, Depends
from loguru import logger
from starlette.websockets import WebSocket

from agents import UnknownAgentError, UnknownTeamError
from bot.api.access import SwitchboardOf, may_talk
from bot.calls import NoRoomError, new_call_id
from bot.rollout import ClosedError
from bot.transports.websocket import WebSocketLine
from bot.voices import VOICES

router = APIRouter(tags=["browser"], dependencies=[Depends(may_talk)])

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
MAX_REASON_BYTES = 120
"""A close frame's reason has at most 123 bytes (RFC 6455, section 5.5)."""


@router.websocket("/ws")
async def talk(
    websocket: WebSocket,
    switchboard: SwitchboardOf,
    team: str | None = None,
    agent: str | None = None,
    voice: str | None = None,
) -> None:
    """A call from its connection to its end: RTVI in Pipecat's protobuf frames.

    ``team`` in the query asks for another team than the one that answers, ``agent`` for the one of
    its agents that does, and ``voice`` for one that all of them speak with.
    """
    await websocket.accept()
    if voice and voice not in VOICES:
        await _refuse(websocket, f"voice: there is {', '.join(VOICES)}, but no {voice!r}")
        return
    try:
        call_id = new_call_id()
        wanted = switchboard.team_asked_for(team, agent)
        plan = switchboard.rollout.inbound(call_id, team=wanted, voice=voice or None)
        call = switchboard.calls.admit(call_id, plan)
    except UnknownTeamError as unknown:
        await _refuse(websocket, f"team: {unknown}")
        return
    except UnknownAgentError as unknown:
        await _refuse(websocket, f"agent: {unknown}")
        return
    except NoRoomError as full:
        logger.warning("refused a browser: {}", full)
        switchboard.metrics.refused("websocket", is_off=isinstance(full, ClosedError))
        await websocket.close(TRY_AGAIN_LATER, str(full))
        return
    await call.run(WebSocketLine(websocket))


async def _refuse(websocket: WebSocket, reason: str) -> None:
    cut = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
    await websocket.close(POLICY_VIOLATION, cut)
