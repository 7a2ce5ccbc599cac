"""The default mind: rules that work with any tools, from their names, descriptions and schemas."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import date
from typing import Any

from emulators.realtime.mind import Action, Call, Prompt, Say
from emulators.realtime.minds.asked import tool_question, without_questions
from emulators.realtime.minds.continuing import heard_already, rest_of, without_broken_reply
from emulators.realtime.minds.dialogue import read_dialogue, text_of
from emulators.realtime.minds.errands import ErrandReplies
from emulators.realtime.minds.interview import Interview
from emulators.realtime.minds.replies import OutOfBandReplies, Replies
from emulators.realtime.minds.state import State
from emulators.realtime.minds.structured import structured_answer
from emulators.realtime.minds.summary import asks_for_summary, caller_words, write_summary
from emulators.realtime.minds.turns import Turn
from emulators.realtime.minds.understanding.errand import read_errand
from emulators.realtime.minds.understanding.intent import LEAST_SCORE, rank
from emulators.realtime.minds.understanding.matter import read_matter
from emulators.realtime.minds.understanding.standing import read_standing_answers
from emulators.realtime.minds.understanding.toolbox import KnownTool, Toolbox
from emulators.realtime.minds.understanding.utterance import Utterance

_DIRECTIVE = re.compile(r"say to the caller:\s*[\"“](.*)[\"”]", re.IGNORECASE | re.DOTALL)

_PLAIN_REQUEST = 0.6
"""Score of a request beyond doubt, where answers are expected."""


class RulesMind:
    """Implements `emulators.realtime.mind.Mind` without a model.

    It finds the tool that an utterance asks for, asks for each missing required parameter,
    confirms calls whose description says ``ask the caller to confirm``, tells results by their
    ``summary``, puts what a tool asks in its output to the caller, transfers to the colleague who
    fits, and answers what its instructions have an answer to. A tool whose description has each
    missing answer asked for makes it ask on its own account. It knows nothing but the prompt.

    Args:
        today: Tells the date that "tomorrow" and dates without a year are relative to.
    """

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        self._today = today

    async def respond(self, prompt: Prompt) -> AsyncIterator[Action]:
        """See `emulators.realtime.mind.Mind.respond`."""
        for action in _respond(prompt, self._today()):
            yield action


def _respond(prompt: Prompt, today: date) -> Iterator[Action]:
    if words := _directive(prompt):
        yield Say(words)
        return
    is_talking = not prompt.out_of_band and prompt.answer_schema is None
    if is_talking and (asked := tool_question(prompt.items, prompt.tools)):
        yield from asked.actions(today)
        return
    toolbox = Toolbox(() if prompt.tool_choice == "none" else prompt.tools)
    heard = heard_already(prompt)
    items = prompt.items if heard is None else without_broken_reply(prompt.items)
    items = without_questions(items)
    form = toolbox.form
    # Who is asked questions says many a word that is no request: it takes a plain one.
    least = LEAST_SCORE if form is None else _PLAIN_REQUEST
    errand = None if form or prompt.out_of_band else read_errand(prompt.session_instructions)
    state = read_dialogue(
        items,
        toolbox.without(form) if form else toolbox,
        today,
        least_score=least,
        errand=errand,
        standing=read_standing_answers(prompt.session_instructions),
    )
    if prompt.answer_schema is not None:
        yield Say(json.dumps(structured_answer(prompt, prompt.answer_schema, state)))
        return
    if asks_for_summary(prompt):
        name = {"name": state.name} if state.name else {}
        yield Say(write_summary(caller_words(prompt.items), name | state.memory))
        return
    forced = _forced(prompt.tool_choice, toolbox, state)
    if forced:
        yield Call(forced.name, _arguments(forced, state))
        return
    if prompt.out_of_band:
        actions = OutOfBandReplies(state).actions()
    else:
        actions = (ErrandReplies(state, errand) if errand else Replies(state)).actions()
    if form and not prompt.out_of_band and not _is_busy(state):
        interview = Interview(form, toolbox.end, read_matter(prompt.instructions), today)
        interview.read(items)
        actions = interview.actions()
    yield from actions if heard is None else rest_of(actions, heard)


def _is_busy(state: State) -> bool:
    """Whether the person on the line wants something else than to answer questions."""
    return state.task is not None or state.turn in (Turn.RESULT, Turn.CHOOSE)


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
