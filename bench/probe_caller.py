"""The caller's end of a measured call: stamped audio in real time, and what comes back, timed."""

import asyncio
import base64
import contextlib
import time
from xml.etree import ElementTree

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.ledger import Ledger
from bench.stamps import StampReader, caller_stamp, stamped_frame

FRAME_S = 0.02
SAMPLE_RATE = 8000


async def place_call(server: str, call: int, seconds: float, ledger: Ledger) -> None:
    """Places one call and stays on the line.

    Args:
        server: Base URL of the service under test.
        call: Number of the call in this run, 0 to 255.
        seconds: How long to talk.
        ledger: Takes the measurements.
    """
    call_sid = f"CA{call:032x}"
    form = {"CallSid": call_sid, "From": "+15550100000", "To": "+15550100001", "AccountSid": "AC"}
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{server}/twilio/voice", data=form)
        answer.raise_for_status()
    stream = ElementTree.fromstring(answer.text).find("Connect/Stream")  # noqa: S314 our own server
    if stream is None:
        raise RuntimeError(f"no <Connect><Stream> in the answer: {answer.text}")
    parameters = {p.get("name"): p.get("value") for p in stream.findall("Parameter")}
    async with connect(stream.attrib["url"], compression=None) as socket:
        await socket.send(orjson.dumps(_CONNECTED).decode())
        await socket.send(orjson.dumps(_start(call_sid, parameters)).decode())
        listening = asyncio.create_task(_listen(socket, call, ledger))
        await _speak(socket, call, seconds, ledger)
        with contextlib.suppress(ConnectionClosed):
            await socket.send(orjson.dumps(_stop(call_sid)).decode())
        listening.cancel()


_CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}


def _start(call_sid: str, parameters: dict[str | None, str | None]) -> dict[str, object]:
    stream_sid = _stream_sid(call_sid)
    start = {
        "accountSid": "AC",
        "streamSid": stream_sid,
        "callSid": call_sid,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": parameters,
    }
    return {"event": "start", "sequenceNumber": "1", "streamSid": stream_sid, "start": start}


def _stop(call_sid: str) -> dict[str, object]:
    stop = {"accountSid": "AC", "callSid": call_sid}
    return {"event": "stop", "streamSid": _stream_sid(call_sid), "stop": stop}


def _stream_sid(call_sid: str) -> str:
    return f"MZ{call_sid[2:]}"


async def _speak(socket: ClientConnection, call: int, seconds: float, ledger: Ledger) -> None:
    began = time.monotonic()
    stream_sid = _stream_sid(f"CA{call:032x}")
    for frame in range(int(seconds / FRAME_S)):
        await asyncio.sleep(max(0.0, began + frame * FRAME_S - time.monotonic()))
        stamp = caller_stamp(call, frame)
        media = {
            "track": "inbound",
            "chunk": str(frame + 1),
            "timestamp": str(frame * 20),
            "payload": base64.b64encode(stamped_frame(stamp)).decode(),
        }
        message = {
            "event": "media",
            "sequenceNumber": str(frame + 2),
            "streamSid": stream_sid,
            "media": media,
        }
        ledger.caller_audio.sent(stamp, time.monotonic())
        await socket.send(orjson.dumps(message).decode())


async def _listen(socket: ClientConnection, call: int, ledger: Ledger) -> None:
    reader = StampReader()
    earpiece = _Earpiece(socket)
    async for data in socket:
        now = time.monotonic()
        message = orjson.loads(data)
        if message["event"] == "media":
            audio = base64.b64decode(message["media"]["payload"])
            for number in reader.feed(audio):
                ledger.model_audio.arrived(number, now)
            earpiece.play(len(audio), now)
        elif message["event"] == "clear":
            ledger.interruptions.cleared(call, now)
            earpiece.clear()
        elif message["event"] == "mark":
            earpiece.mark(message, now)


class _Earpiece:
    """Returns marks when the audio before them would have been played, or was cleared."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._silent_at = 0.0
        self._waiting: dict[asyncio.TimerHandle, dict[str, object]] = {}
        self._sends: set[asyncio.Task[None]] = set()

    def play(self, samples: int, now: float) -> None:
        self._silent_at = max(now, self._silent_at) + samples / SAMPLE_RATE

    def mark(self, message: dict[str, object], now: float) -> None:
        def return_it() -> None:
            self._waiting.pop(timer, None)
            self._return(message)

        delay = max(0.0, self._silent_at - now)
        timer = asyncio.get_running_loop().call_later(delay, return_it)
        self._waiting[timer] = message

    def clear(self) -> None:
        self._silent_at = 0.0
        waiting, self._waiting = self._waiting, {}
        for timer, message in waiting.items():
            timer.cancel()
            self._return(message)

    def _return(self, message: dict[str, object]) -> None:
        async def send() -> None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(orjson.dumps({**message, "sequenceNumber": "0"}).decode())

        task = asyncio.create_task(send())
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)
