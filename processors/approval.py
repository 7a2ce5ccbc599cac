"""Dangerous tools run only with somebody's yes: the caller's, as we heard it, or an operator's.

The model cannot give that yes itself. The caller's is looked for in the conversation as it is kept
here: what was heard of the agent's question, and the transcript of the answer.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal, Protocol

import orjson

from agents.team import Agent
from processors.events.event import Emit
from processors.events.tools import ApprovalDecided, ApprovalRequested, ToolCalled, ToolFinished
from processors.realtime.items import Message
from processors.tools import Tool, ToolCall, ToolResult

Approver = Literal["caller", "operator"]

OPERATOR_TIMEOUT_S = 90.0
"""How long an operator may take; the caller is kept informed by the agent meanwhile."""

LONGEST_YES = 12
"""Words. A longer answer says more than yes."""

_YES = re.compile(
    r"\b(yes|yeah|yep|yup|sure|ok|okay|please do|do it|go ahead|correct|right|exactly|of course"
    r"|absolutely|definitely|ja|oui|s[ií]|sim|certo|klar|gerne|claro)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\b(no|nope|not|don'?t|never|wait|stop|nein|nicht|non|pas|não)\b|n't\b",
    re.IGNORECASE,
)
_SHORTEST_DEED = 4
"""Letters of a word of a tool's name by which a question is known to be about it."""


class UnknownApprovalError(LookupError):
    """No call of a tool waits under this id."""


class Talk(Protocol):
    """What is needed of the conversation; every `processors.voice_model.VoiceModel` has it."""

    async def spoken(self) -> Sequence[Message]:
        """What was said so far, once the words of the caller's last turn are known."""
        ...

    def tell(self, fact: str, *, respond: bool) -> None:
        """Tells the agent what happened."""
        ...

    def mask(self, text: str) -> str:
        """A text without the digits that nobody may see."""
        ...


@dataclass(slots=True)
class _Held:
    """A call of a tool that waits; what was said up to then does not count as its approval."""

    id: str
    tool: Tool
    call: ToolCall
    approver: Approver
    said_before: frozenset[str]
    deadline: asyncio.TimerHandle | None = None


def approver_of(agent: Agent, tool: Tool, *, destructive: Approver | None) -> Approver | None:
    """Whose yes a tool of an agent's needs; ``destructive`` is whose those marked so do."""
    if tool.name in agent.operator_approves:
        return "operator"
    if tool.name in agent.caller_approves:
        return "caller"
    return destructive if tool.destructive else None


class Approvals:
    """The approvals of one call.

    Args:
        talk: The conversation.
        emit: Takes the call's events.
        destructive: Who approves tools that are marked destructive; None for nobody. Agents'
            own lists come before it.
    """

    def __init__(self, talk: Talk, emit: Emit, *, destructive: Approver | None) -> None:
        self._talk = talk
        self._emit = emit
        self._destructive = destructive
        self._held: dict[str, _Held] = {}
        self._used: set[str] = set()
        self._numbers = count(1)
        self._running: set[asyncio.Task[None]] = set()

    def guarded(self, agent: Agent, tools: Sequence[Tool]) -> list[Tool]:
        """The tools, of which those that need it wait for approval."""
        return [
            replace(tool, run=self._guard(tool, approver))
            if (approver := approver_of(agent, tool, destructive=self._destructive))
            else tool
            for tool in tools
        ]

    def decide(self, approval_id: str, *, approve: bool, by: str) -> None:
        """An operator decides; what was approved runs, and the agent is told what came of it.

        Raises:
            UnknownApprovalError: Nothing waits under this id, or not any more.
        """
        held = self._held.get(approval_id)
        if held is None:
            raise UnknownApprovalError(f"no tool waits for an approval {approval_id}")
        self._settle(held, "approved" if approve else "denied", by)
        if approve:
            task = asyncio.create_task(self._run(held))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            self._talk.tell(
                f"{held.tool.name} was not approved and not carried out. Tell the caller that it "
                "can't be done now.",
                respond=True,
            )

    def close(self) -> None:
        """The call is over: nothing is carried out any more."""
        for held in list(self._held.values()):
            self._settle(held, "expired", "")

    def _guard(self, tool: Tool, approver: Approver) -> Callable[[ToolCall], Awaitable[ToolResult]]:
        async def run(call: ToolCall) -> ToolResult:
            spoken = await self._talk.spoken()
            held = self._same(call)
            if approver == "caller" and (item_id := self._yes(spoken, tool, held)):
                self._used.add(item_id)
                if held:
                    self._settle(held, "approved", "caller")
                return await tool.run(call)
            if held is None:
                held = self._hold(tool, call, approver, spoken)
            return ToolResult(_answer(approver, tool.name), is_error=True)

        return run

    def _same(self, call: ToolCall) -> _Held | None:
        for held in self._held.values():
            if (held.call.name, held.call.arguments) == (call.name, call.arguments):
                return held
        return None

    def _hold(
        self, tool: Tool, call: ToolCall, approver: Approver, spoken: Sequence[Message]
    ) -> _Held:
        said_before = frozenset(message.id for message in spoken)
        held = _Held(f"approval_{next(self._numbers)}", tool, call, approver, said_before)
        self._held[held.id] = held
        arguments = orjson.loads(self._talk.mask(orjson.dumps(call.arguments).decode()))
        self._emit(
            ApprovalRequested(approval_id=held.id, tool=tool.name, arguments=arguments, of=approver)
        )
        if approver == "operator":
            loop = asyncio.get_running_loop()
            held.deadline = loop.call_later(OPERATOR_TIMEOUT_S, self._expire, held)
        return held

    def _expire(self, held: _Held) -> None:
        self._settle(held, "expired", "")
        self._talk.tell(
            f"Nobody approved {held.tool.name} in time; it was not carried out. Tell the caller.",
            respond=True,
        )

    def _settle(
        self, held: _Held, decision: Literal["approved", "denied", "expired"], by: str
    ) -> None:
        if held.deadline:
            held.deadline.cancel()
        del self._held[held.id]
        self._emit(ApprovalDecided(approval_id=held.id, decision=decision, by=by))

    async def _run(self, held: _Held) -> None:
        call, tool = held.call, held.tool
        arguments = orjson.loads(self._talk.mask(orjson.dumps(call.arguments).decode()))
        self._emit(
            ToolCalled(tool_call_id=held.id, agent=call.agent, tool=tool.name, arguments=arguments)
        )
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(tool.timeout_s):
                result = await tool.run(call)
        except Exception as error:
            result = ToolResult(
                f"{tool.name} failed, and may have had an effect: {error!r}", is_error=True
            )
        output = self._talk.mask(result.output)
        took_ms = (asyncio.get_running_loop().time() - started) * 1000
        self._emit(
            ToolFinished(
                tool_call_id=held.id,
                tool=tool.name,
                output=output,
                is_error=result.is_error,
                duration_ms=round(took_ms, 1),
            )
        )
        self._talk.tell(
            f"{tool.name} was approved by a colleague and has run. Its result: {output} Tell the "
            "caller what came of it, and do not call it again.",
            respond=True,
        )

    def _yes(self, spoken: Sequence[Message], tool: Tool, held: _Held | None) -> str | None:
        """The caller's turn that says yes to this tool and to nothing else so far, if any.

        It is the last thing they said, and it answers a question of the agent's that they heard:
        one that names what the tool does, or that was asked after the tool had been held.
        """
        said = [message for message in spoken if message.role != "system" and message.text]
        if len(said) < 2 or (said[-1].role == "assistant" and len(said) < 3):
            return None
        if said[-1].role == "assistant":
            # What the agent says while it calls the tool, such as "One moment".
            said = said[:-1]
        answer, question = said[-1], said[-2]
        if answer.role != "user" or question.role != "assistant" or answer.id in self._used:
            return None
        if not is_yes(answer.text or "") or "?" not in (question.text or ""):
            return None
        asked_since = held is not None and question.id not in held.said_before
        return answer.id if asked_since or _names(question.text or "", tool.name) else None


def is_yes(text: str) -> bool:
    """Whether an answer says yes and nothing that takes it back."""
    return len(text.split()) <= LONGEST_YES and bool(_YES.search(text)) and not _NO.search(text)


def _names(question: str, tool_name: str) -> bool:
    """Whether a question names the deed of a tool: the first word of its name, such as cancel."""
    words = [word for word in re.split(r"[^a-z]+", tool_name.lower()) if word]
    deed = next((word for word in words if len(word) >= _SHORTEST_DEED), "")
    return bool(deed) and deed in question.lower()


def _answer(approver: Approver, name: str) -> str:
    if approver == "operator":
        text = (
            "Not carried out yet: a colleague has to approve it and has been asked. Tell the "
            "caller that it takes a moment. You are told what came of it; do not call it again."
        )
    else:
        text = (
            f"Not carried out: {name} needs the caller's clear yes. Say exactly what would be "
            "done, ask whether you should, wait for the answer, and call it again with the same "
            "arguments only if they say yes."
        )
    return orjson.dumps({"error": text}).decode()
