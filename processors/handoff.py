"""Agents as tools of each other: transfer the caller to a colleague, or ask a colleague."""

from collections.abc import Awaitable, Callable

import orjson

from agents.team import Agent, Team
from processors.call_control import TRANSFER_TO_HUMAN
from processors.tools import Handoff, Tool, ToolCall, ToolResult

TRANSFER_PREFIX = "transfer_to_"
EXPERT_SUFFIX = "_expert"
MAX_EXAMPLES = 8
"""Example phrases that one tool description carries."""

EXPERT_TIMEOUT_S = 30.0
"""An expert may need several look-ups of its own before it answers."""

Consult = Callable[[Agent, str], Awaitable[ToolResult]]
"""Puts a question to an agent that the caller never hears, and returns its answer."""


def transfer_tools(team: Team, agent: Agent) -> list[Tool]:
    """One ``transfer_to_<name>(reason, context)`` for each agent that ``agent`` may hand over to.

    A call's result is a `Handoff`: whoever runs the tool carries the transfer out.
    """
    return [_transfer_tool(team.agent(name)) for name in agent.handoffs]


def expert_tools(team: Team, agent: Agent, consult: Consult) -> list[Tool]:
    """One ``<name>_expert(question)`` for each agent that ``agent`` may consult."""
    return [_expert_tool(team.agent(name), consult) for name in agent.consults]


def transfer_target(tool_name: str) -> str | None:
    """The agent that a tool of this name transfers to; None when it is no transfer."""
    if not tool_name.startswith(TRANSFER_PREFIX) or tool_name == TRANSFER_TO_HUMAN:
        return None
    return tool_name.removeprefix(TRANSFER_PREFIX)


def briefing(from_agent: Agent, to_agent: Agent, handoff: Handoff) -> str:
    """What the next agent is told, as a system message behind the conversation so far."""
    lines = [
        f"{from_agent.name} has just transferred the caller to you, {to_agent.name}.",
        f"Reason: {handoff.reason}" if handoff.reason else "",
        f"What is known: {handoff.context}" if handoff.context else "",
        "The conversation so far is above. Go on with the caller's request now. Do not ask again "
        "for what is known, do not repeat what was said, and do not greet as if the call began.",
    ]
    return "\n".join(line for line in lines if line)


def _transfer_tool(target: Agent) -> Tool:
    async def run(call: ToolCall) -> ToolResult:
        return Handoff(
            orjson.dumps({"transferred_to": target.name}).decode(),
            to_agent=target.name,
            reason=str(call.arguments.get("reason", "")),
            context=str(call.arguments.get("context", "")),
        )

    return Tool(
        name=TRANSFER_PREFIX + target.name,
        description=_described(
            f"Transfer the caller to {target.name}. {target.description}", target
        ),
        parameters={
            "type": "object",
            "properties": {
                "reason": {
                    "type": "string",
                    "description": "Why the caller is transferred, in a few words.",
                },
                "context": {
                    "type": "string",
                    "description": "Everything known that the colleague needs: names, dates, "
                    "places, numbers, what was tried and what the caller wants.",
                },
            },
            "required": ["reason", "context"],
            "additionalProperties": False,
        },
        run=run,
    )


def _expert_tool(target: Agent, consult: Consult) -> Tool:
    async def run(call: ToolCall) -> ToolResult:
        return await consult(target, str(call.arguments["question"]))

    return Tool(
        name=target.name + EXPERT_SUFFIX,
        description=_described(
            f"Ask {target.name} a general question and tell the caller the answer yourself; the "
            f"caller stays with you. It changes nothing. {target.description}",
            target,
        ),
        parameters={
            "type": "object",
            "properties": {
                "question": {
                    "type": "string",
                    "description": "The question, complete in itself: the colleague knows "
                    "nothing of this conversation.",
                }
            },
            "required": ["question"],
            "additionalProperties": False,
        },
        run=run,
        read_only=True,
        idempotent=True,
        timeout_s=EXPERT_TIMEOUT_S,
    )


def _described(text: str, target: Agent) -> str:
    if not target.examples:
        return text
    phrases = "; ".join(f'"{phrase}"' for phrase in target.examples[:MAX_EXAMPLES])
    return f"{text} Callers say for example: {phrases}."
