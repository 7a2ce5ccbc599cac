"""Who may speak when: the responses of one session's default conversation.

The API allows one active response there; a second ``response.create`` is refused with
``conversation_already_has_active_response``. The server makes responses by itself, too, when a
turn of the caller ends, so that we can't know for sure what is active. `Responses` is the
bookkeeping for it, without any input or output: requests wait until nothing is active and the
caller is silent; one that another response has seen to meanwhile is dropped; a refused one waits
for its next chance.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from functools import partial
from itertools import count
from typing import Any

REQUEST_EVENT = "response.create-"
"""What the event id of a request begins with; its token follows."""

REQUEST_KEY = "request"
"""The metadata key by which a response tells which request of ours it answers."""

_tokens = count(1)


class ResponseRequest:
    """One response that we want.

    Attributes:
        parameters: Of ``response.create``, without metadata.
        is_exact: No other response can stand in for this one.
        token: Tells requests of one process apart on the wire.
        unseen: Items of ours that it is about and that the server has not confirmed yet. A
            response that began before can't have known them.
        finished: The status of the response that saw to the request, once that is done;
            ``failed`` when the request itself failed.
    """

    def __init__(
        self,
        parameters: dict[str, Any] | None = None,
        about: Iterable[str] = (),
        *,
        is_exact: bool = False,
    ) -> None:
        self.parameters = parameters or {}
        self.is_exact = is_exact
        self.token = f"r{next(_tokens)}"
        self.unseen = set(about)
        self.finished: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def event_id(self) -> str:
        """Of the ``response.create``; the server names it when it refuses."""
        return REQUEST_EVENT + self.token

    @property
    def is_covered(self) -> bool:
        """Whether a response that begins now makes this one superfluous."""
        return not self.is_exact and not self.unseen

    def finish(self, status: str) -> None:
        """The request was seen to."""
        if not self.finished.done():
            self.finished.set_result(status)


class Responses:
    """State of one session. After each call ask `next` what may be sent."""

    def __init__(self) -> None:
        self.active: str | None = None
        self._unknown_active = False
        self._sent: ResponseRequest | None = None
        self._waiting: deque[ResponseRequest] = deque()
        self._seen_to: dict[str, list[ResponseRequest]] = {}
        self._caller_speaks = False
        self._answer_due = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing is active, asked for, or owed to the caller."""
        return not (self._is_busy or self._waiting)

    @property
    def is_responding(self) -> bool:
        """Whether a response is under way or asked for."""
        return bool(self.active or self._unknown_active or self._sent or self._waiting)

    @property
    def is_caller_speaking(self) -> bool:
        """Whether the caller's turn goes on, as far as the server has told."""
        return self._caller_speaks

    @property
    def is_answer_due(self) -> bool:
        """Whether the caller's turn ended and the server has not begun to answer it."""
        return self._answer_due

    @property
    def _is_busy(self) -> bool:
        return bool(
            self.active
            or self._unknown_active
            or self._sent
            or self._caller_speaks
            or self._answer_due
        )

    def add(self, request: ResponseRequest) -> None:
        """Queues a request."""
        self._waiting.append(request)

    def next(self) -> ResponseRequest | None:
        """The request to send now, if any; it counts as sent from here on."""
        if self._is_busy or not self._waiting:
            return None
        self._sent = self._waiting.popleft()
        # Requests for the same thing need one response.
        for other in [r for r in self._waiting if r.parameters == self._sent.parameters]:
            self._waiting.remove(other)
            self._sent.unseen |= other.unseen
            self._sent.finished.add_done_callback(partial(_pass_on, other))
        return self._sent

    def item_seen(self, item_id: str) -> None:
        """The server confirmed an item of ours."""
        for request in (*self._waiting, *([self._sent] if self._sent else ())):
            request.unseen.discard(item_id)

    def created(self, response_id: str, token: str | None) -> None:
        """A response of the default conversation began."""
        # Not every server echoes metadata; where none is due, a response is what we asked for.
        is_ours = self._sent and (
            token == self._sent.token
            or (token is None and not self._answer_due and not self._sent.unseen)
        )
        self.active = response_id
        self._unknown_active = self._answer_due = False
        seen_to = self._seen_to.setdefault(response_id, [])
        if self._sent and (is_ours or self._sent.is_covered):
            seen_to.append(self._sent)
            if is_ours:
                self._sent = None
            # Otherwise ours will be refused, and is not needed any more.
        for request in [r for r in self._waiting if r.is_covered]:
            self._waiting.remove(request)
            seen_to.append(request)

    def done(self, response_id: str, status: str) -> None:
        """A response ended."""
        if response_id == self.active or self._unknown_active:
            self.active = None
            self._unknown_active = False
        for request in self._seen_to.pop(response_id, []):
            request.finish(status)

    def refused(self, event_id: str | None) -> None:
        """Another response was active when the server looked at a request of ours."""
        if self._sent is None or event_id not in (None, self._sent.event_id):
            return
        request, self._sent = self._sent, None
        if any(request in seen_to for seen_to in self._seen_to.values()):
            return
        if request.finished.done():
            return
        self._waiting.appendleft(request)
        self._unknown_active = self.active is None

    def failed(self, event_id: str | None) -> bool:
        """A request was refused for another reason; whether it was one of ours."""
        if self._sent is None or event_id != self._sent.event_id:
            return False
        request, self._sent = self._sent, None
        request.finish("failed")
        return True

    def caller_started(self) -> None:
        """The caller speaks: requests wait."""
        self._caller_speaks = True
        self._answer_due = False

    def caller_stopped(self, *, is_answered: bool) -> None:
        """The caller's turn ended; ``is_answered`` when the server answers turns by itself.

        While a response is active it may "fail to create a response if the model is already
        responding" (``create_response`` in the API's turn detection). So the answer is asked for,
        for when that response is over; the server's own, if it comes, makes it superfluous.
        """
        self._caller_speaks = False
        is_obstructed = bool(self.active or self._unknown_active)
        self._answer_due = is_answered and not is_obstructed
        if is_answered and is_obstructed:
            self._waiting.appendleft(ResponseRequest())

    def no_answer(self) -> None:
        """The server did not answer the caller's turn after all."""
        self._answer_due = False

    def close(self) -> None:
        """The session is over: nothing that was asked for will come."""
        for seen_to in (self._waiting, *self._seen_to.values()):
            for request in seen_to:
                request.finish("failed")
        if self._sent:
            self._sent.finish("failed")


def _pass_on(request: ResponseRequest, finished: "asyncio.Future[str]") -> None:
    request.finish("failed" if finished.cancelled() else finished.result())
