"""One Realtime session: a connection, its configuration, its responses."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from loguru import logger

from agents.team import Agent
from processors.realtime.asides import AsideError, Asides
from processors.realtime.configuring import Configuring
from processors.realtime.connection import Connection, ConnectionLostError
from processors.realtime.endpoints import Endpoint
from processors.realtime.errors import ACTIVE_RESPONSE, ApiError, Severity
from processors.realtime.grace import Grace
from processors.realtime.options import TurnDetection
from processors.realtime.reading import read
from processors.realtime.responses import REQUEST_KEY, ResponseRequest, Responses
from processors.realtime.server_events import (
    ItemAdded,
    Lost,
    Refused,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
)
from processors.tools import Tool

CONFIGURE_TIMEOUT_S = 5.0
ANSWER_GRACE_S = 1.0
"""How long after the caller's turn the server may take to begin its own response."""
BEHIND_MESSAGES = 50
"""Of the caller's audio, 20 ms each, that wait for the line: a second."""
SPEECH_GRACE_S = 3.0
"""How long a fresh session may take to notice speech in audio that was sent again."""


class SessionError(Exception):
    """A session can't be used: refused, silent, or lost before it was ready."""

    def __init__(self, message: str, *, is_permanent: bool = False) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent


OnEvent = Callable[["Session", ServerEvent], Awaitable[None]]


class Session:
    """Reads its connection until that is lost, and reports each event to ``on_event``.

    The session does its own bookkeeping first; ``on_event`` is awaited, so that a slow pipeline
    slows the model down. It must not wait for this session's answers.

    Attributes:
        agent: Who speaks in it now.
        tools: What the agent may call, by name.
        loss: Why the session is over; None as long as it works.
        expires_at: End of the session in Unix time, where the server says so.
    """

    def __init__(
        self,
        connection: Connection,
        endpoint: Endpoint,
        agent: Agent,
        on_event: OnEvent,
        *,
        turn_detection: TurnDetection | None = None,
    ) -> None:
        """Reads from now on; ``turn_detection`` is what it will be configured with, if any."""
        self.endpoint = endpoint
        self.agent = agent
        self.tools: Mapping[str, Tool] = {}
        self.loss: Lost | None = None
        self.expires_at: int | None = None
        self._connection = connection
        self._on_event = on_event
        self._turn_detection = turn_detection
        self._responses = Responses()
        self._drop_reason: tuple[str, bool] | None = None
        self._numbers = count(1)
        self._known_items: set[str] = set()
        self._unconfirmed_items: set[str] = set()
        self._configuring = Configuring()
        self._asides = Asides()
        self._grace = Grace()
        self._heard_at: float | None = asyncio.get_running_loop().time()
        self._reading = asyncio.create_task(self._read(), name=f"realtime-{agent.name}")

    @property
    def is_lost(self) -> bool:
        """Whether the session is over."""
        return self.loss is not None

    @property
    def active_response(self) -> str | None:
        """The response of the default conversation that is under way."""
        return self._responses.active

    @property
    def is_caller_speaking(self) -> bool:
        """Whether the caller's turn goes on."""
        return self._responses.is_caller_speaking

    @property
    def owes_answer(self) -> bool:
        """Whether a response is under way, asked for, or due to the caller."""
        return not self._responses.is_idle

    @property
    def is_responding(self) -> bool:
        """Whether a response is under way or asked for; not yet, when the caller still speaks."""
        return self._responses.is_responding

    async def configure(self, session: Mapping[str, Any], tools: Sequence[Tool]) -> None:
        """Sends ``session.update`` and waits until it is acknowledged.

        Raises:
            SessionError: It was refused, or nothing came, or the connection was lost.
        """
        event_id = self._send({"type": "session.update", "session": session})
        try:
            await self._configuring.acknowledged(event_id, CONFIGURE_TIMEOUT_S)
        except TimeoutError:
            raise SessionError(
                f"{self.endpoint.name} did not acknowledge the configuration "
                f"within {CONFIGURE_TIMEOUT_S:g} s"
            ) from None
        self.tools = {tool.name: tool for tool in tools}

    def detect_turns(self, turn_detection: TurnDetection) -> None:
        """Changes who answers turns, unless it is that way already."""
        if turn_detection == self._turn_detection:
            return
        self._turn_detection = turn_detection
        audio_input = {"turn_detection": turn_detection.payload}
        change = {"type": "realtime", "audio": {"input": audio_input}}
        self._send({"type": "session.update", "session": change})

    def add_item(self, item: Mapping[str, Any]) -> None:
        """Puts an item at the end of the conversation."""
        self._known_items.add(item["id"])
        self._unconfirmed_items.add(item["id"])
        self._send({"type": "conversation.item.create", "item": item})

    def catch_up(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Adds those of the items that this session does not hold."""
        for item in items:
            if item["id"] not in self._known_items:
                self.add_item(item)

    def delete_item(self, item_id: str) -> None:
        """Takes an item out of the conversation."""
        self._send({"type": "conversation.item.delete", "item_id": item_id})

    def replace_item(self, item_id: str, item: Mapping[str, Any] | None) -> None:
        """Puts ``item``, which has an id of its own, in the place of another one; None deletes it.

        What the session holds of an item that another session spoke is text, which can't be
        truncated.
        """
        if item_id not in self._known_items:
            return
        if item:
            self._known_items.add(item["id"])
            self._unconfirmed_items.add(item["id"])
            place = {"previous_item_id": item_id, "item": item}
            self._send({"type": "conversation.item.create", **place})
        self.delete_item(item_id)

    def commit_audio(self) -> None:
        """Makes an item of the caller's turn as far as it goes."""
        self._send({"type": "input_audio_buffer.commit"})

    @property
    def dropped_audio(self) -> int:
        """Messages of the caller's audio that were dropped because the line was too slow."""
        return self._connection.dropped_audio

    @property
    def is_behind(self) -> bool:
        """Whether the model hears the caller much later than they speak."""
        return self._connection.waiting_audio > BEHIND_MESSAGES

    @property
    def quiet_s(self) -> float:
        """How long the server has said nothing, on a line that is being read."""
        if self._heard_at is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._heard_at

    async def probe(self) -> bool:
        """Makes sure that the server is still there; one that isn't is a loss, and False."""
        is_there = await self._connection.probe()
        if is_there and self._heard_at is not None:
            self._heard_at = asyncio.get_running_loop().time()
        return is_there

    def append_audio(self, payload: str) -> None:
        """Sends the caller's audio, base64 in the session's format."""
        if not self.is_lost:
            self._connection.send_audio(payload)

    def expect_speech(self) -> None:
        """Audio with an unfinished turn of the caller was just sent: responses wait for it."""
        self._responses.caller_started()
        self._grace.give(SPEECH_GRACE_S, self._not_heard)

    def request_response(self, request: ResponseRequest) -> None:
        """Has the model respond, as soon as nothing else is going on."""
        if self.is_lost:
            request.finish("failed")
            return
        request.unseen &= self._unconfirmed_items
        self._responses.add(request)
        self._send_next_request()

    def cancel_response(self) -> None:
        """Stops the response that is under way, if any."""
        if response_id := self._responses.active:
            self._send({"type": "response.cancel", "response_id": response_id})

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Tells the model how much of its audio was heard."""
        part = {"item_id": item_id, "content_index": content_index}
        self._send({"type": "conversation.item.truncate", **part, "audio_end_ms": audio_end_ms})

    async def ask_aside(self, parameters: Mapping[str, Any]) -> ResponseDone:
        """A response outside the conversation; it may run beside any other.

        Raises:
            SessionError: It was refused, or the connection was lost.
        """
        if self.loss:
            raise SessionError(self.loss.reason)
        request = ResponseRequest()
        self._send_request(request, {**parameters, "conversation": "none"})
        try:
            return await self._asides.answer(request.token)
        except AsideError as error:
            raise SessionError(str(error)) from error

    async def drop(self, reason: str, *, is_permanent: bool) -> None:
        """Ends a session that is of no use any more, and reports that as its loss."""
        self._drop_reason = (reason, is_permanent)
        await self._connection.close()

    async def close(self) -> None:
        """Ends the session without reporting a loss."""
        self._reading.cancel()
        await self._connection.close()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._give_up("the session was closed")

    def _send(self, event: dict[str, Any]) -> str:
        event_id = f"{event['type']}-{next(self._numbers)}"
        if not self.is_lost:
            self._connection.send({"event_id": event_id, **event})
        return event_id

    def _send_request(self, request: ResponseRequest, parameters: Mapping[str, Any]) -> None:
        response = {**parameters, "metadata": {REQUEST_KEY: request.token}}
        event = {"type": "response.create", "event_id": request.event_id, "response": response}
        if not self.is_lost:
            self._connection.send(event)

    def _send_next_request(self) -> None:
        if request := self._responses.next():
            self._send_request(request, request.parameters)

    async def _read(self) -> None:
        now = asyncio.get_running_loop().time
        while True:
            self._heard_at = now()
            try:
                event = read(await self._connection.receive())
            except ConnectionLostError as lost:
                reason, is_permanent = self._drop_reason or (str(lost), lost.is_permanent)
                await self._on_event(self, self._give_up(reason, is_permanent=is_permanent))
                return
            if event is None:
                continue
            # While an event is dealt with, the next one, or a pong, may be there unread.
            self._heard_at = None
            try:
                if not self._asides.take(event):
                    self._note(event)
                    await self._on_event(self, event)
            except Exception:
                # Whatever goes wrong over one event, the session goes on.
                logger.exception("failed to handle a {}", type(event).__name__)

    def _give_up(self, reason: str, *, is_permanent: bool = False) -> Lost:
        self.loss = Lost(reason, is_permanent)
        self._grace.end()
        error = SessionError(reason, is_permanent=is_permanent)
        self._configuring.fail(error)
        self._asides.fail(error)
        self._responses.close()
        return self.loss

    def _note(self, event: ServerEvent) -> None:
        """Keeps the books."""
        match event:
            case SessionCreated(expires_at):
                self.expires_at = expires_at
            case SessionUpdated():
                self._configuring.succeed()
            case ItemAdded():
                self._known_items.add(event.item_id)
                self._unconfirmed_items.discard(event.item_id)
                self._responses.item_seen(event.item_id)
            case SpeechStarted():
                self._grace.end()
                self._responses.caller_started()
            case SpeechStopped():
                turns = self._turn_detection
                self._responses.caller_stopped(is_answered=bool(turns and turns.create_response))
                self._grace.give(ANSWER_GRACE_S, self._not_answered)
            case ResponseCreated(response_id, metadata):
                self._grace.end()
                self._responses.created(response_id, metadata.get(REQUEST_KEY))
            case ResponseDone(response_id, status):
                self._responses.done(response_id, status)
            case Refused(error):
                self._note_refusal(error)
        self._send_next_request()

    def _note_refusal(self, error: ApiError) -> None:
        if error.code == ACTIVE_RESPONSE:
            self._responses.refused(error.event_id)
        elif self._configuring.is_about(error.event_id):
            self._configuring.fail(
                SessionError(
                    f"{self.endpoint.name} refused the configuration: {error.message}",
                    is_permanent=error.severity is Severity.PERMANENT,
                )
            )
        else:
            self._responses.failed(error.event_id)

    def _not_heard(self) -> None:
        self._responses.caller_stopped(is_answered=False)
        self._send_next_request()

    def _not_answered(self) -> None:
        self._responses.no_answer()
        self._send_next_request()
