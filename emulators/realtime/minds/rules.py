"""The default mind: rules that work with any tools, from their names, descriptions and schemas."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import date
from typing import Any

from emulators.realtime.mind import Call, Prompt, Say
from emulators.realtime.minds.dialogue import read_dialogue, text_of
from emulators.realtime.minds.replies import OutOfBandReplies, Replies
from emulators.realtime.minds.state import State
from emulators.realtime.minds.understanding.intent import rank
from emulators.realtime.minds.understanding.toolbox import KnownTool, Toolbox
from emulators.realtime.minds.understanding.utterance import Utterance

_DIRECTIVE = re.compile(r"say to the caller:\s*[\"“](.*)[\"”]", re.IGNORECASE | re.DOTALL)


class RulesMind:
    """Implements `emulators.realtime.mind.Mind` without a model.

    It finds the tool that an utterance asks for, asks for each missing required parameter,
    confirms calls whose description says ``ask the caller to confirm``, tells results by their
    ``summary``, and transfers to the colleague who fits. It knows nothing but the prompt.

    Args:
        today: Tells the date that "tomorrow" and dates without a year are relative to.
    """

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        self._today = today

    async def respond(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        """See `emulators.realtime.mind.Mind.respond`."""
        for action in _respond(prompt, self._today()):
            yield action


def _respond(prompt: Prompt, today: date) -> Iterator[Say | Call]:
    if words := _directive(prompt):
        yield Say(words)
        return
    toolbox = Toolbox(() if prompt.tool_choice == "none" else prompt.tools)
    state = read_dialogue(prompt.items, toolbox, today)
    forced = _forced(prompt.tool_choice, toolbox, state)
    if forced:
        yield Call(forced.name, _arguments(forced, state))
        return
    replies = OutOfBandReplies(state) if prompt.out_of_band else Replies(state)
    yield from replies.actions()


def _directive(prompt: Prompt) -> str | None:
    """Words that the response's instructions, or a system message since, have the mind say."""
    texts = [prompt.instructions] if prompt.instructions != prompt.session_instructions else []
    for item in reversed(prompt.items):
        if item.get("type") != "message" or item.get("role") not in ("system", "developer"):
            break
        texts.append(text_of(item))
    for text in texts:
        if found := _DIRECTIVE.search(text):
            return found[1].strip()
    return None


def _forced(choice: str | Mapping[str, Any], toolbox: Toolbox, state: State) -> KnownTool | None:
    """The tool that ``tool_choice`` has the mind call."""
    if isinstance(choice, Mapping):
        return toolbox.get(str(choice.get("name")))
    if choice != "required":
        return None
    if state.task:
        return state.task.tool
    spoken = state.utterances[-1] if state.utterances else ""
    ranked = rank(Utterance(spoken, state.today), toolbox)
    return ranked[0].tool if ranked else next(iter(toolbox), None)


def _arguments(tool: KnownTool, state: State) -> dict[str, Any]:
    """What the conversation says about a tool's parameters."""
    if state.task and state.task.tool is tool:
        return state.task.arguments
    return state.filled(tool).arguments
