"""Who answers the calls of the matrix: a team, its tools, and the mind that speaks for all of them.

The mind goes by the conversation's items alone, so that it can't answer what was lost from them,
and it is no kinder than a model: asked to respond when nothing is unanswered, it says something.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

from agents.team import Agent, Team, ToolServer
from emulators.realtime.mind import Call, Prompt, Say
from tests.processors.mcp_tools.tool_server import Uvicorn, http_app
from tests.reliability.words import words_of

GREETING = "hello this is the front desk"
SUPERFLUOUS = "anything else"
FORGOTTEN = "sorry who are you"
STORY = (
    "once upon a time there was an old lighthouse keeper with seven grey cats and every evening "
    "they climbed all those stairs together until nobody could see"
)

FRONT_DESK = Agent(
    name="front_desk",
    description="Answers.",
    instructions="I am the front desk.",
    voice="marin",
    greeting=GREETING,
    tool_servers=("desk",),
    handoffs=("porter", "manager"),
)
TEAM = Team(
    name="travel",
    title="Front desk",
    agents=(
        FRONT_DESK,
        Agent(
            name="porter",
            description="Has the same voice.",
            instructions="I am the porter.",
            voice="marin",
        ),
        Agent(
            name="manager",
            description="Has another voice.",
            instructions="I am the manager.",
            voice="cedar",
        ),
    ),
    tool_servers=(ToolServer(name="desk", url="http://127.0.0.1:9/mcp"),),
)

SLOW_TOOL_S = 1.2
LONG_TOOL_S = 3.5
TOOL_TIMEOUT_S = 30.0
"""Far beyond what a tool takes on a busy machine."""


@asynccontextmanager
async def desk_tools() -> AsyncIterator[str]:
    """A tool server; its URL."""
    server = MCPServer("desk")
    over = asyncio.Event()

    async def look_up(what: str) -> str:
        """Look something up."""
        await asyncio.sleep({"slowly": SLOW_TOOL_S, "thoroughly": LONG_TOOL_S}.get(what, 0))
        if what == "forever":
            await over.wait()
        return FOUND[what]

    # One that changes something would need somebody's yes.
    server.add_tool(look_up, name="look_up", annotations=ToolAnnotations(read_only_hint=True))
    http = Uvicorn()
    await http.start(http_app(server))
    try:
        yield http.url
    finally:
        over.set()
        await http.stop()


FOUND = {
    "room": "your room is number nine",
    "garden": "that garden has roses",
    "slowly": "it took some days",
    "thoroughly": "they looked behind each door",
    "forever": "",
}
NO_ANSWER = "nobody knows yet"


def _look_up(*what: str) -> list[Say | Call]:
    return [Say("one moment"), *(Call("look_up", {"what": each}) for each in what)]


def _transfer(name: str) -> list[Say | Call]:
    return [Say("please hold"), _given_to(name)]


def _given_to(name: str) -> Call:
    return Call(f"transfer_to_{name}", {"reason": "asked", "context": "none"})


ANSWERS: dict[str, Callable[[], list[Say | Call]]] = {
    "story": lambda: [Say(STORY)],
    "how are you": lambda: [Say("i am fine thank you")],
    "two things": lambda: _look_up("room", "garden"),
    "look": lambda: _look_up("room"),
    "search slowly": lambda: _look_up("slowly"),
    "search thoroughly": lambda: _look_up("thoroughly"),
    "search forever": lambda: _look_up("forever"),
    "porter at once": lambda: [_given_to("porter")],
    "porter": lambda: _transfer("porter"),
    "manager": lambda: _transfer("manager"),
}


@dataclass
class _Due:
    """What a model has before it: inputs without an answer, and what it has begun to answer."""

    inputs: list[list[Say | Call]] = field(default_factory=list)
    said: str = ""
    called: list[tuple[str, str]] = field(default_factory=list)

    def add(self, actions: list[Say | Call]) -> None:
        """Something was said to it; what it was answering is done with."""
        if self.said or self.called:
            self.inputs, self.said, self.called = [], "", []
        self.inputs.append(actions)


class DeskMind:
    """Implements `emulators.realtime.mind.Mind`.

    Args:
        forgets: It does not know what was said before the last turn.
    """

    def __init__(self, *, forgets: bool = False) -> None:
        self._forgets = forgets

    async def respond(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        """Answers everything that has no answer yet; goes on where an answer broke off."""
        if forced := re.search(r'Say to the caller: "(.*)"', prompt.instructions):
            yield Say(forced[1])
            return
        due = self._due(prompt)
        said = words_of(due.said)
        has_acted = False
        for action in (action for actions in due.inputs for action in actions):
            match action:
                case Say(text):
                    words = words_of(text)
                    known = min(len(words), len(said))
                    if words[:known] == said[:known]:
                        words, said = words[known:], said[known:]
                    if words:
                        has_acted = True
                        yield Say(" ".join(words))
                case Call(name, arguments):
                    if (name, str(arguments)) in due.called:
                        due.called.remove((name, str(arguments)))
                    else:
                        has_acted = True
                        yield action
        if not has_acted:
            yield Say(SUPERFLUOUS)

    def _due(self, prompt: Prompt) -> _Due:
        due = _Due()
        name = ""
        calls: dict[str, Call] = {}
        for item in prompt.items:
            text = _text(item)
            match item:
                case {"type": "message", "role": "user"}:
                    if introduced := re.search(r"my name is (\w+)", text):
                        name = introduced[1]
                    due.add(self._answer(text, name))
                case {"type": "message", "role": "assistant"}:
                    due.said = f"{due.said} {text}".strip()
                case {"type": "function_call", "call_id": call_id, "name": called}:
                    call = Call(called, _arguments(item["arguments"]))
                    calls[call_id] = call
                    due.called.append((called, str(call.arguments)))
                case {"type": "function_call_output", "call_id": call_id, "output": output}:
                    due.add(_reading(output, prompt.session_instructions))
        return due

    def _answer(self, text: str, name: str) -> list[Say | Call]:
        if "what is my name" in text:
            known = name and not self._forgets
            return [Say(f"your name is {name}" if known else FORGOTTEN)]
        if "my name is" in text:
            return [Say(f"nice to meet you {name}")]
        for pattern, answer in ANSWERS.items():
            if pattern in text:
                return answer()
        return [Say("very well")]


def _text(item: Mapping[str, Any]) -> str:
    parts = item.get("content") or ()
    return " ".join(part.get("text") or part.get("transcript") or "" for part in parts)


def _arguments(given: str) -> dict[str, Any]:
    found = re.search(r'"what":\s*"(\w+)"', given)
    return {"what": found[1]} if found else {}


def _reading(output: str, instructions: str) -> list[Say | Call]:
    """What to make of a tool's output."""
    if "no valid JSON" in output:
        return [Call("look_up", {"what": "room"})]
    if "transferred_to" in output:
        me = re.search(r"I am the (\w+)", instructions)
        return [Say(f"this is the {me[1] if me else 'wrong person'}")]
    known = next((text for text in FOUND.values() if text and text in output), NO_ANSWER)
    return [Say(known)]
