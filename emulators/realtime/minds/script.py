"""A mind that follows a script: a YAML file of turns, for tests and benchmarks.

.. code-block:: yaml

    opening:                      # answers a response.create before anybody said anything
      - say: Hello, how can I help?
    turns:
      - match: hotel|room         # a pattern in the last thing said or the last tool's output
        do:
          - delay: 0.2            # seconds
          - say: Let me see.
          - call: {name: search-hotel, arguments: {city: Paris}}
      - match: parcel
        do:                       # tools of MCP servers, which the service calls itself
          - remote_call: {server: post, name: track, arguments: {id: 7}, output: In Lyon.}
      - match: return
        do:
          - ask_approval: {server: post, name: send_back, arguments: {id: 7}}
      - match: approved|denied    # how the client answered the request
        do:
          - say: As you wish.
      - do:                       # turns without match answer the first, second … input
          - say: Very well.
    asides:                       # by the instructions of responses outside the conversation
      - match: translate
        do:
          - say: Bonjour.
    loop: true                    # begin again after the last turn

Out of band, a response whose instructions match a turn of ``asides`` gets that, and one whose
instructions ask for a summary gets what the caller said; all others are answered as ever.

Nothing is remembered: which turn it is follows from the conversation's items, so that a replayed
conversation goes on where it was. A response with instructions such as
``Say to the caller: "Good morning"`` says just that.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from emulators.realtime.mind import Action, ApprovalRequest, Call, Prompt, RemoteCall, Say
from emulators.realtime.minds.continuing import heard_already, rest_of
from emulators.realtime.minds.summary import asks_for_summary, caller_words, write_summary

_FORCED = re.compile(r'Say to the caller: "(?P<line>.*)"', re.DOTALL)


class ScriptError(ValueError):
    """A script that is not as described; says what and where."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Thinking, in seconds."""

    seconds: float


Step = Action | Delay


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do on a matching input, or (without a pattern) on the next one."""

    do: tuple[Step, ...]
    match: re.Pattern[str] | None = None


class ScriptMind:
    """Follows a script. See the module for its form."""

    def __init__(
        self,
        turns: Sequence[Turn],
        *,
        opening: Sequence[Step] = (),
        asides: Sequence[Turn] = (),
        loop: bool = False,
    ) -> None:
        self._matching = [turn for turn in turns if turn.match is not None]
        self._sequence = [turn for turn in turns if turn.match is None]
        self._opening = tuple(opening)
        self._asides = tuple(asides)
        self._loop = loop

    async def respond(self, prompt: Prompt) -> AsyncIterator[Action]:
        """The steps of the turn that the conversation is at."""
        steps = self._steps(prompt)
        if (heard := heard_already(prompt)) is not None:
            steps = tuple(rest_of((step for step in steps if not isinstance(step, Delay)), heard))
        for step in steps:
            if isinstance(step, Delay):
                await asyncio.sleep(step.seconds)
            else:
                yield step

    def _steps(self, prompt: Prompt) -> tuple[Step, ...]:
        if forced := _FORCED.search(prompt.instructions):
            return (Say(forced["line"]),)
        if prompt.out_of_band:
            for aside in self._asides:
                if aside.match and aside.match.search(prompt.instructions):
                    return aside.do
            if asks_for_summary(prompt):
                return (Say(write_summary(caller_words(prompt.items), {})),)
        inputs = _inputs(prompt.items)
        if not inputs:
            return self._opening
        for turn in self._matching:
            if turn.match is not None and turn.match.search(inputs[-1]):
                return turn.do
        # Only inputs that no pattern answers count for the sequence.
        at = sum(not self._matches(text) for text in inputs) - 1
        if self._loop and self._sequence:
            at %= len(self._sequence)
        return self._sequence[at].do if at < len(self._sequence) else ()

    def _matches(self, text: str) -> bool:
        return any(turn.match is not None and turn.match.search(text) for turn in self._matching)


def load_script(path: Path) -> ScriptMind:
    """Reads a script; raises :class:`ScriptError`."""
    return script_from(yaml.safe_load(path.read_text("utf-8")), str(path))


def script_from(loaded: Any, where: str = "script") -> ScriptMind:
    """Makes a mind from a script's parsed YAML; raises :class:`ScriptError`."""
    if not isinstance(loaded, dict) or not isinstance(loaded.get("turns"), list):
        raise ScriptError(f"{where} should be a mapping with a list of turns")
    if unknown := set(loaded) - {"opening", "turns", "asides", "loop"}:
        raise ScriptError(f"{where} has unknown keys: {', '.join(sorted(unknown))}")
    turns = [_turn(turn, f"{where}: turns[{i}]") for i, turn in enumerate(loaded["turns"])]
    opening = _step_list(loaded.get("opening", []), f"{where}: opening")
    if not isinstance(loaded.get("asides", []), list):
        raise ScriptError(f"{where}: asides should be a list of turns")
    asides = [
        _turn(turn, f"{where}: asides[{i}]") for i, turn in enumerate(loaded.get("asides", []))
    ]
    if any(aside.match is None for aside in asides):
        raise ScriptError(f"{where}: each of asides should have match")
    loop = bool(loaded.get("loop", False))
    return ScriptMind(turns, opening=opening, asides=asides, loop=loop)


def _turn(given: Any, where: str) -> Turn:
    if not isinstance(given, dict) or set(given) - {"match", "do"} or "do" not in given:
        raise ScriptError(f"{where} should have do, and may have match")
    try:
        match = re.compile(given["match"], re.IGNORECASE) if "match" in given else None
    except re.error as error:
        raise ScriptError(f"{where}: match is not a pattern: {error}") from None
    return Turn(_step_list(given["do"], where), match)


def _step_list(given: Any, where: str) -> tuple[Step, ...]:
    if not isinstance(given, list):
        raise ScriptError(f"{where} should be a list of steps")
    return tuple(_step(step, where) for step in given)


def _step(given: Any, where: str) -> Step:
    match given:
        case {"say": str(text), **rest} if not rest:
            return Say(text)
        case {"delay": int(seconds) | float(seconds), **rest} if not rest:
            return Delay(float(seconds))
        case {"call": {"name": str(name), "arguments": dict(arguments)}, **rest} if not rest:
            return Call(name, arguments)
        case {"call": {"name": str(name)} as call, **rest} if not rest and len(call) == 1:
            return Call(name, {})
        case {"remote_call": dict(call), **rest} if not rest:
            return _remote(RemoteCall, call, where)
        case {"ask_approval": dict(call), **rest} if not rest:
            return _remote(ApprovalRequest, call, where)
        case _:
            raise ScriptError(
                f"{where}: {given!r} is not a say, call, delay, remote_call or ask_approval"
            )


def _remote(
    kind: type[RemoteCall] | type[ApprovalRequest], given: dict[str, Any], where: str
) -> RemoteCall | ApprovalRequest:
    try:
        return kind(**{"arguments": {}, **given})
    except TypeError:
        raise ScriptError(f"{where}: {given!r} should have server and name") from None


def _inputs(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was said to the model: the caller's messages; outputs of tools, of one round each."""
    inputs: list[str] = []
    answering = False
    for item in items:
        output = item["type"] == "function_call_output"
        if output and answering:
            inputs[-1] += f"\n{item['output']}"
        elif output:
            inputs.append(str(item["output"]))
        elif item["type"] == "mcp_approval_response":
            inputs.append("approved" if item["approve"] else "denied")
        elif item["type"] == "message" and item["role"] == "user":
            parts = (part.get("text") or part.get("transcript") or "" for part in item["content"])
            inputs.append(" ".join(parts))
        answering = output
    return inputs
