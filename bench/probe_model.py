"""The model's end of a measured call: speaks stamped audio, reads the caller's stamps.

It follows the Realtime protocol only as far as a bridge needs to start a call and be interrupted;
behaviour is what `emulators.realtime` is for.
"""

import asyncio
import base64
import itertools
import time
from types import TracebackType
from typing import Any, Self

import orjson
from websockets.asyncio.server import Server, ServerConnection, serve

from bench.ledger import Ledger
from bench.stamps import FRAME_BYTES, StampReader, call_of, stamped_frame

REPLY_SECONDS = 3.0
"""How much speech one reply holds."""

DELTA_FRAMES = 5
"""Frames in one audio delta: 100 ms."""

DELTA_INTERVAL_S = 0.012
"""Between two deltas: about eight times faster than real time, as a model sends them."""

INTERRUPT_AFTER_S = 1.0
PAUSE_S = 0.7
SPEECH_MS = 3000
"""What the caller's turn counts as: too long for a cough, after which an agent may go on."""


class ProbeModel:
    """A WebSocket server that talks to every session until the session is closed.

    Each turn is: a reply of stamped audio, the caller's interruption one second into it, the end
    of the caller's speech, the next reply.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._numbers = itertools.count(1)
        self._server: Server | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        """Listens on a free port; ``url`` is then known."""
        self._server = await serve(self._session, "127.0.0.1", 0, compression=None)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}/v1/realtime"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes every session."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _session(self, socket: ServerConnection) -> None:
        reader = StampReader()
        session: dict[str, Any] = {"type": "realtime", "object": "realtime.session", "id": "sess"}
        await self._send(socket, "session.created", session=session)
        talking: asyncio.Task[None] | None = None
        call: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            async for message in socket:
                event = orjson.loads(message)
                if event["type"] == "input_audio_buffer.append":
                    now = time.monotonic()
                    for number in reader.feed(base64.b64decode(event["audio"])):
                        self.ledger.caller_audio.arrived(number, now)
                        if not call.done():
                            call.set_result(call_of(number))
                elif event["type"] == "session.update":
                    session |= event["session"]
                    await self._send(socket, "session.updated", session=session)
                elif event["type"] == "response.create" and talking is None:
                    talking = asyncio.create_task(self._talk(socket, call))
        finally:
            if talking is not None:
                talking.cancel()

    async def _talk(self, socket: ServerConnection, call: asyncio.Future[int]) -> None:
        number = await call
        for turn in itertools.count(1):
            await self._reply(socket, f"resp_{turn}", f"item_{turn}")
            await asyncio.sleep(INTERRUPT_AFTER_S)
            user_item = f"user_{turn}"
            self.ledger.interruptions.noticed(number, time.monotonic())
            await self._send(
                socket, "input_audio_buffer.speech_started", audio_start_ms=0, item_id=user_item
            )
            await asyncio.sleep(PAUSE_S)
            await self._send(
                socket,
                "input_audio_buffer.speech_stopped",
                audio_end_ms=SPEECH_MS,
                item_id=user_item,
            )
            await self._send(
                socket,
                "input_audio_buffer.committed",
                item_id=user_item,
                previous_item_id=f"item_{turn}",
            )

    async def _reply(self, socket: ServerConnection, response_id: str, item_id: str) -> None:
        response: dict[str, Any] = {
            "id": response_id,
            "object": "realtime.response",
            "status": "in_progress",
            "output": [],
            "conversation_id": "conv",
            "metadata": None,
        }
        item = {
            "id": item_id,
            "object": "realtime.item",
            "type": "message",
            "role": "assistant",
            "status": "in_progress",
            "content": [],
        }
        place = {"response_id": response_id, "item_id": item_id, "output_index": 0}
        part = {**place, "content_index": 0}
        await self._send(socket, "response.created", response=response)
        await self._send(
            socket,
            "response.output_item.added",
            response_id=response_id,
            output_index=0,
            item=item,
        )
        await self._send(socket, "conversation.item.added", item=item, previous_item_id=None)
        deltas = int(REPLY_SECONDS * 8000 / FRAME_BYTES / DELTA_FRAMES)
        for index in range(deltas):
            numbers = list(itertools.islice(self._numbers, DELTA_FRAMES))
            audio = b"".join(map(stamped_frame, numbers))
            if index == 0:
                # Only a reply's first frame tells the path's delay: a bridge may pace the rest.
                self.ledger.model_audio.sent(numbers[0], time.monotonic())
            delta = base64.b64encode(audio).decode()
            await self._send(socket, "response.output_audio.delta", **part, delta=delta)
            await asyncio.sleep(DELTA_INTERVAL_S)
        done = {**item, "status": "completed"}
        await self._send(socket, "response.output_audio.done", **part)
        await self._send(
            socket,
            "response.output_item.done",
            response_id=response_id,
            output_index=0,
            item=done,
        )
        await self._send(socket, "conversation.item.done", item=done, previous_item_id=None)
        response |= {"status": "completed", "output": [done]}
        await self._send(socket, "response.done", response=response)

    async def _send(self, socket: ServerConnection, kind: str, **fields: Any) -> None:
        event = {"type": kind, "event_id": f"event_{next(self._numbers)}", **fields}
        await socket.send(orjson.dumps(event).decode())
