"""A Realtime server in memory, which a test plays event by event.

It acknowledges configurations and items by itself, and refuses a second active response as the
real one does. Everything else is what the test says: speech, replies, calls, losses.
"""

import asyncio
from base64 import b64encode
from collections import deque
from itertools import count

from processors.realtime.connection import ConnectError, ConnectionLostError

PADDING_MS = 800
"""By default 300 ms before a turn's speech and 500 ms of silence after it count as the turn's."""

_numbers = count(1)


def new_id(prefix):
    return f"{prefix}_{next(_numbers)}"


class FakeRealtime:
    """Pass `connect` to the service. ``refusals`` are raised by the next connects, in order."""

    def __init__(self):
        self.connections = []
        self.endpoints = []
        self.refusals = []
        self.closed = set()
        self.is_slow = asyncio.Event()
        self.is_slow.set()
        self.expires_at = 4102444800
        self._added = asyncio.Condition()

    async def connect(self, endpoint):
        self.endpoints.append(endpoint.name)
        await self.is_slow.wait()
        if endpoint.name in self.closed:
            raise ConnectError("closed for good", is_permanent=True)
        if self.refusals:
            raise self.refusals.pop(0)
        connection = FakeConnection(expires_at=self.expires_at)
        async with self._added:
            self.connections.append(connection)
            self._added.notify_all()
        return connection

    def refuse(self, times, *, is_permanent=False):
        self.refusals += [ConnectError("refused", is_permanent=is_permanent)] * times

    async def connection(self, index=0):
        async with asyncio.timeout(60), self._added:
            await self._added.wait_for(lambda: len(self.connections) > index)
        return self.connections[index]


class Wire:
    """One direction of a connection: what is carried arrives in order, ``lag_s`` later."""

    def __init__(self):
        self.lag_s = 0
        self._under_way = deque()

    def carry(self, deliver, event):
        if not self.lag_s:
            deliver(event)
            return
        self._under_way.append((deliver, event))
        asyncio.get_running_loop().call_later(self.lag_s, self._arrive)

    def _arrive(self):
        deliver, event = self._under_way.popleft()
        deliver(event)


class FakeConnection:
    dropped_audio = 0
    waiting_audio = 0
    is_there = True
    probes = 0

    def __init__(self, expires_at=4102444800):
        self.sent = []
        self.audio = []
        self.asides = []
        self.refusals = []
        self.items = []
        self.active = None
        self.is_closed = False
        self.acknowledges = True
        self._interrupts = True
        self._answers = True
        self.echoes_metadata = True
        self._starts_ms = {}
        self._up, self._down = Wire(), Wire()
        self._read = 0
        self._sent = asyncio.Event()
        self._events = asyncio.Queue()
        self.emit("session.created", session={"expires_at": expires_at})

    # The client's side.

    def send(self, event):
        self.sent.append(event)
        self._sent.set()
        if self.acknowledges:
            self._up.carry(self._acknowledge, event)

    def send_audio(self, payload):
        self.audio.append(payload)

    async def receive(self):
        event = await self._events.get()
        if isinstance(event, Exception):
            raise event
        return event

    async def probe(self):
        self.probes += 1
        if not self.is_there:
            self.lose()
        return self.is_there

    async def close(self):
        self.is_closed = True
        self._events.put_nowait(ConnectionLostError("closed"))

    # The test's side.

    def lag(self, seconds):
        """From now on everything takes so long on its way, up and down."""
        self._up.lag_s = self._down.lag_s = seconds

    def emit(self, kind, **fields):
        event = {"type": kind, "event_id": new_id("event"), **fields}
        self._down.carry(self._events.put_nowait, event)

    def lose(self, reason="1011", *, is_permanent=False):
        self.is_closed = True
        self._events.put_nowait(ConnectionLostError(reason, is_permanent=is_permanent))

    async def received(self, kind):
        """The next event of this kind that the client sent, after those asked for before."""
        async with asyncio.timeout(60):
            while True:
                while self._read < len(self.sent):
                    event = self.sent[self._read]
                    self._read += 1
                    if event["type"] == kind:
                        return event
                self._sent.clear()
                await self._sent.wait()

    def of_kind(self, kind):
        return [event for event in self.sent if event["type"] == kind]

    def outputs(self):
        items = [event["item"] for event in self.of_kind("conversation.item.create")]
        return {
            item["call_id"]: item["output"]
            for item in items
            if item["type"] == "function_call_output"
        }

    def add_item(self, item):
        previous = self.items[-1] if self.items else None
        self.items.append(item["id"])
        self.emit("conversation.item.added", item=item, previous_item_id=previous)
        return item["id"]

    def refuse(self, code, message="no", event_id=None):
        error = {"type": "invalid_request_error", "code": code, "message": message}
        self.emit("error", error={**error, "param": None, "event_id": event_id})

    def begin_response(self, metadata=None):
        self.active = new_id("resp")
        self.emit("response.created", response={"id": self.active, "metadata": metadata})
        return self.active

    def begin_message(self):
        item_id = new_id("item")
        item = {"id": item_id, "type": "message", "role": "assistant", "content": []}
        self.emit("response.output_item.added", response_id=self.active, item=item)
        self.add_item(item)
        return item_id

    def send_words(self, item_id, text):
        where = {"response_id": self.active, "item_id": item_id, "content_index": 0}
        self.emit("response.output_audio_transcript.delta", **where, delta=text)

    def send_audio_delta(self, item_id, ms, *, response_id=None, rate=8000):
        audio = b64encode(bytes([0x55]) * (rate * ms // 1000)).decode()
        where = {"response_id": response_id or self.active, "item_id": item_id, "content_index": 0}
        self.emit("response.output_audio.delta", **where, delta=audio)

    def say(self, text, ms=1000):
        """A whole spoken message in the active response."""
        item_id = self.begin_message()
        self.send_words(item_id, text)
        self.send_audio_delta(item_id, ms)
        where = {"response_id": self.active, "item_id": item_id, "content_index": 0}
        self.emit("response.output_audio.done", **where)
        return item_id

    def begin_call(self, name, call_id=None):
        call = {
            "id": new_id("item"),
            "type": "function_call",
            "call_id": call_id or new_id("call"),
            "name": name,
            "arguments": "",
            "status": "in_progress",
        }
        self.emit("response.output_item.added", response_id=self.active, item=call)
        self.add_item(call)
        return call

    def finish_call(self, call, arguments="{}", status="completed"):
        done = {**call, "arguments": arguments, "status": status}
        self.emit("response.output_item.done", response_id=self.active, item=done)
        return done["call_id"]

    def call(self, name, arguments="{}", call_id=None):
        return self.finish_call(self.begin_call(name, call_id), arguments)

    def finish(self, status="completed", **fields):
        response = {"id": self.active, "status": status, "output": [], **fields}
        self.active = None
        self.emit("response.done", response=response)

    def answer_aside(self, text, status="completed", **fields):
        """Finishes the latest response outside the conversation with these written words."""
        content = [{"type": "output_text", "text": text}]
        item = {"id": new_id("item"), "type": "message", "role": "assistant", "content": content}
        response = {"id": self.asides[-1][0], "status": status, "output": [item], **fields}
        self.emit("response.done", response=response)

    def caller_starts(self, at_ms=0):
        item_id = new_id("item")
        self.emit("input_audio_buffer.speech_started", item_id=item_id, audio_start_ms=at_ms)
        self._starts_ms[item_id] = at_ms
        if self.active and self._interrupts:
            self.finish("cancelled")
        return item_id

    def caller_stops(self, item_id, speech_ms=1000):
        end_ms = self._starts_ms[item_id] + PADDING_MS + speech_ms
        self.emit("input_audio_buffer.speech_stopped", item_id=item_id, audio_end_ms=end_ms)
        self.emit("input_audio_buffer.committed", item_id=item_id, previous_item_id=None)
        content = [{"type": "input_audio", "transcript": None}]
        self.add_item({"id": item_id, "type": "message", "role": "user", "content": content})

    def transcribe(self, item_id, text):
        self.emit(
            "conversation.item.input_audio_transcription.completed",
            item_id=item_id,
            content_index=0,
            transcript=text,
        )

    def answer_turn(self):
        """The server's own response to a turn; it fails to make one while another is active."""
        if self.active:
            self.refuse("conversation_already_has_active_response")
        else:
            self.begin_response()

    def caller_says(self, text, at_ms=0):
        """A whole turn of 1.8 s, up to the beginning of the server's own response to it, if any."""
        item_id = self.caller_starts(at_ms)
        self.caller_stops(item_id)
        self.transcribe(item_id, text)
        if self._answers:
            self.answer_turn()
        return item_id

    async def asked_to_respond(self):
        """Waits for a ``response.create`` that is not refused; its parameters."""
        event = await self.received("response.create")
        return event["response"]

    def _acknowledge(self, event):
        match event["type"]:
            case "session.update":
                audio_in = event["session"].get("audio", {}).get("input", {})
                turns = audio_in.get("turn_detection") or {}
                self._interrupts = turns.get("interrupt_response", self._interrupts)
                self._answers = turns.get("create_response", self._answers)
                self.emit("session.updated", session=event["session"])
            case "conversation.item.create":
                self.add_item(event["item"])
            case "response.create":
                self._respond(event)
            case "conversation.item.delete":
                self.emit("conversation.item.deleted", item_id=event["item_id"])
            case "response.cancel":
                if self.active and event.get("response_id", self.active) == self.active:
                    self.finish("cancelled")
                else:
                    self.refuse("response_cancel_not_active", event_id=event["event_id"])

    def _respond(self, event):
        response = event["response"]
        metadata = response["metadata"] if self.echoes_metadata else None
        if response.get("conversation") == "none":
            aside = new_id("resp")
            self.emit("response.created", response={"id": aside, "metadata": metadata})
            self.asides.append((aside, response))
        elif self.active:
            self.refusals.append(event["event_id"])
            self.refuse("conversation_already_has_active_response", event_id=event["event_id"])
        else:
            self.begin_response(metadata)
