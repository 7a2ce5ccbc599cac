"""Responses outside the conversation, by which an agent is asked without the caller hearing."""

import asyncio

from processors.realtime.errors import ApiError
from processors.realtime.responses import REQUEST_EVENT, REQUEST_KEY
from processors.realtime.server_events import (
    AgentTextDelta,
    AudioDelta,
    AudioDone,
    CallBegun,
    CallMade,
    Refused,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
)


class AsideError(Exception):
    """The server refused to respond."""


class Asides:
    """Tells the events of such responses from all others, and keeps them to itself."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Future[ResponseDone]] = {}
        self._begun: dict[str, asyncio.Future[ResponseDone]] = {}

    async def answer(self, token: str) -> ResponseDone:
        """The response to the request with this token. Raises what `fail` was given."""
        answer: asyncio.Future[ResponseDone] = asyncio.get_running_loop().create_future()
        self._asked[token] = answer
        try:
            return await answer
        finally:
            del self._asked[token]

    def take(self, event: ServerEvent) -> bool:
        """Whether the event belongs to one of these responses, and is dealt with now."""
        match event:
            case ResponseCreated(response_id, metadata):
                return self._begin(response_id, metadata.get(REQUEST_KEY, ""))
            case ResponseDone(response_id) if response_id in self._begun:
                answer = self._begun.pop(response_id)
                if not answer.done():
                    answer.set_result(event)
                return True
            case (
                AudioDelta(response_id)
                | AudioDone(response_id)
                | AgentTextDelta(response_id)
                | CallBegun(response_id)
                | CallMade(response_id)
            ):
                return response_id in self._begun
            case Refused(error):
                return self._refuse(error)
        return False

    def fail(self, error: Exception) -> None:
        """No answers will come any more."""
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(error)

    def _begin(self, response_id: str, token: str) -> bool:
        if token not in self._asked:
            return False
        self._begun[response_id] = self._asked[token]
        return True

    def _refuse(self, error: ApiError) -> bool:
        answer = self._asked.get((error.event_id or "").removeprefix(REQUEST_EVENT))
        if answer is None:
            return False
        if not answer.done():
            answer.set_exception(AsideError(error.message))
        return True
