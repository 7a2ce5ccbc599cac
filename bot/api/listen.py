"""Listening in on a live call: both sides of it, as they are heard."""

import asyncio
import audioop
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from loguru import logger
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.api.access import Reader, SwitchboardOf
from bot.api.problems import Problem
from processors.call_audio.alignment import CHANNELS, Aligner, Stereo
from processors.call_audio.tap import SAMPLE_WIDTH, AudioTap, Listener, Side

router = APIRouter(prefix="/api/calls", tags=["calls"])

Format = Literal["pcm16", "mulaw"]
Sides = Literal["both", "caller", "agent"]

BEHIND_S = 0.25
"""How much later than the caller a listener hears: what was played is known 100 ms later, and
what comes after that is put in its place or left out."""

SILENCE_S = 0.25
"""How long nothing may come before the listener is given the silence that it was."""

STUCK_S = 10.0
"""A listener that takes nothing for so long is dropped."""

CALL_OVER = 1000
STUCK = 1008


@router.websocket("/{call_id}/listen")
async def listen(
    websocket: WebSocket,
    call_id: str,
    switchboard: SwitchboardOf,
    _caller: Reader,
    format: Annotated[Format, Query()] = "pcm16",
    sides: Annotated[Sides, Query()] = "both",
) -> None:
    """What is heard in a call from now on, until it is over.

    A text message says what comes: ``{"call_id", "format", "sample_rate", "channels"}``; then
    every binary message is audio, channels interleaved. A listener that is too slow misses the
    oldest, which a text message ``{"missed"}`` counts and silence stands for.
    """
    call = switchboard.calls.live.get(call_id)
    if call is None:
        raise Problem(404, "no live call has this id", field="call_id")
    if call.audio is None:
        raise Problem(409, "this call is not connected yet")
    await websocket.accept()
    audio, channels = call.audio, channels_of(sides)
    listener = audio.listen()
    leaving = asyncio.create_task(_until_gone(websocket, listener))
    try:
        await websocket.send_json(
            {
                "call_id": call_id,
                "format": format,
                "sample_rate": audio.sample_rate,
                "channels": channels,
            }
        )
        await _relay(websocket, audio, listener, encoder(format, sides))
        with suppress(RuntimeError):  # closed already, by the listener
            await websocket.close(CALL_OVER, "the call is over")
    except TimeoutError:
        logger.info("dropped a listener of {} who took nothing for {} s", call_id, STUCK_S)
        await websocket.close(STUCK, "too slow")
    except (WebSocketDisconnect, RuntimeError):
        pass  # gone in the middle of a message
    finally:
        audio.leave(listener)
        leaving.cancel()


def channels_of(sides: Sides) -> list[Side]:
    """The channels that a listener gets, in order."""
    return list(CHANNELS) if sides == "both" else [sides]


def encoder(format: Format, sides: Sides) -> Callable[[Stereo], bytes]:
    """Makes messages of what `Aligner` gives."""

    def encode(block: Stereo) -> bytes:
        wanted = block if sides == "both" else block[:, CHANNELS.index(sides)]
        pcm = wanted.tobytes()
        return pcm if format == "pcm16" else audioop.lin2ulaw(pcm, SAMPLE_WIDTH)

    return encode


async def _relay(
    websocket: WebSocket, audio: AudioTap, listener: Listener, encode: Callable[[Stereo], bytes]
) -> None:
    """Sends what is heard until the call is over or the listener is gone."""
    behind = int(audio.sample_rate * BEHIND_S)
    aligner = Aligner(audio.sample_rate, audio.position)
    missed = 0
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE_S):
                await listener.changed.wait()
        listener.changed.clear()
        is_over = listener.closed
        if listener.missed > missed:
            async with asyncio.timeout(STUCK_S):
                await websocket.send_json({"missed": listener.missed - missed})
            missed = listener.missed
        for piece in listener.take():
            aligner.add(piece)
        for block in aligner.take(audio.position - (0 if is_over else behind)):
            async with asyncio.timeout(STUCK_S):
                await websocket.send_bytes(encode(block))
        if is_over:
            return


async def _until_gone(websocket: WebSocket, listener: Listener) -> None:
    """Listeners have nothing to say; when one leaves there is nothing more to send."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            if (await websocket.receive())["type"] == "websocket.disconnect":
                break
    listener.close()
