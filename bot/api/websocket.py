"""Calls from a browser over one WebSocket, where UDP does not get through."""

from fastapi import APIRouter
from loguru import logger
from starlette.websockets import WebSocket

from bot.api.access import SwitchboardOf
from bot.calls import NoRoomError
from bot.transports.websocket import WebSocketLine

router = APIRouter(tags=["browser"])

TRY_AGAIN_LATER = 1013


@router.websocket("/ws")
async def talk(websocket: WebSocket, switchboard: SwitchboardOf) -> None:
    """A call from its connection to its end: RTVI in Pipecat's protobuf frames."""
    await websocket.accept()
    try:
        call = switchboard.calls.admit()
    except NoRoomError as full:
        logger.warning("refused a browser: {}", full)
        await websocket.close(TRY_AGAIN_LATER, str(full))
        return
    await call.run(WebSocketLine(websocket))
