"""A tool call that is under way: its time, what its server asks meanwhile, and how far it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from mcp_types import ElicitRequestParams, ElicitRequestURLParams, ElicitResult

from processors.tools import ToolCall

Asked = Literal["caller", "operator"]
"""Who answers what a server asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a server has to know before its tool can go on (MCP: elicitation, form mode).

    Attributes:
        call: Of the tool.
        message: What is to be asked, in the server's words.
        schema: JSON Schema of the answers: an object of flat properties.
        of: Who answers it.
    """

    call: ToolCall
    message: str
    schema: dict[str, Any]
    of: Asked


@dataclass(frozen=True, slots=True)
class Answer:
    """``accept`` with the answers; ``decline`` for a no; ``cancel`` when nobody answered."""

    action: Literal["accept", "decline", "cancel"]
    content: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a tool has come: ``done`` of ``total``, where the server knows that."""

    call: ToolCall
    done: float
    total: float | None
    message: str

    @property
    def share(self) -> float | None:
        """0 to 1, where it is known."""
        return min(1.0, max(0.0, self.done / self.total)) if self.total else None


class CallSide(Protocol):
    """The phone call that a tool runs for."""

    async def ask(self, question: Question) -> Answer:
        """Has somebody answer; takes as long as it takes."""
        ...

    def progressed(self, progress: Progress) -> None:
        """A tool has come further; returns at once."""
        ...


class Nobody(CallSide):
    """A tool that runs for no call: nobody answers."""

    async def ask(self, question: Question) -> Answer:
        """Nobody is there."""
        return Answer("cancel")

    def progressed(self, progress: Progress) -> None:
        """Nobody waits."""


class UnderWay:
    """One tool call at its server.

    Its time does not run while somebody is asked, and begins anew with each news of its progress,
    as the specification suggests, up to a longest time.

    Args:
        call: The call.
        side: The phone call that it is for.
        of: Who answers what the server asks; None when nobody does.
        timeout_s: How long it may take without a sign of life.
        longest_s: How long it may take, however lively it is.

    Attributes:
        has_asked: Its result depends on an answer.
    """

    def __init__(
        self,
        call: ToolCall,
        side: CallSide,
        *,
        of: Asked | None,
        timeout_s: float,
        longest_s: float,
    ) -> None:
        self.call = call
        self.timeout_s = timeout_s
        self.has_asked = False
        self._side = side
        self._of = of
        self._longest_s = longest_s
        self._latest = 0.0
        self._questions = 0
        self._limit: asyncio.Timeout | None = None

    @asynccontextmanager
    async def running(self, deadline: float) -> AsyncIterator[None]:
        """The request is out until the end of this. Raises ``TimeoutError``."""
        token = _current.set(self)
        self._latest = asyncio.get_running_loop().time() + self._longest_s
        try:
            async with asyncio.timeout_at(deadline) as self._limit:
                yield
        finally:
            self._limit = None
            _current.reset(token)

    async def asked(self, params: ElicitRequestParams) -> ElicitResult:
        """The server asks something."""
        if isinstance(params, ElicitRequestURLParams) or self._of is None:
            # There is no page to open on a telephone.
            return ElicitResult(action="decline")
        self.has_asked = True
        self._questions += 1
        self._extend()
        asked_at = asyncio.get_running_loop().time()
        try:
            answer = await self._side.ask(
                Question(
                    call=self.call,
                    message=params.message,
                    schema=params.requested_schema,
                    of=self._of,
                )
            )
        finally:
            self._questions -= 1
            self._latest += asyncio.get_running_loop().time() - asked_at
            self._extend()
        return ElicitResult(action=answer.action, content=answer.content)

    async def progressed(self, progress: float, total: float | None, message: str | None) -> None:
        """The server tells how far it is."""
        self._extend()
        news = Progress(call=self.call, done=progress, total=total, message=message or "")
        self._side.progressed(news)

    def _extend(self) -> None:
        if self._limit is None or self._limit.expired():
            return
        now = asyncio.get_running_loop().time()
        due = None if self._questions else min(now + self.timeout_s, self._latest)
        self._limit.reschedule(due)


_current: ContextVar[UnderWay | None] = ContextVar("tool_call_under_way", default=None)


def which_asks(under_way: set[UnderWay]) -> UnderWay | None:
    """Of the calls that are under way at a server, the one that a question of it is about.

    The SDK carries a call's context to what the server asks within it, in the multi-round-trip
    form of 2026 and over streamable HTTP in the older one. Over stdio the older form says
    nothing of it: then it is known only while one call is under way.
    """
    current = _current.get()
    if current in under_way:
        return current
    return next(iter(under_way)) if len(under_way) == 1 else None
