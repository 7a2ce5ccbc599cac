"""Has a chat model play a caller: for real engines, where agents don't say the same twice."""

import json
import os
from typing import Any

from openai import AsyncOpenAI

from emulators.twilio.suite.by_rules import RulesPlayer
from emulators.twilio.suite.player import Heard
from emulators.twilio.suite.scenario import Scenario
from emulators.twilio.suite.steps import Step
from emulators.twilio.telephone import KEYS

MODEL = "gpt-5-mini"
LONGEST_LINE = 500
TIMEOUT_S = 30.0

_ROLE = """
You play a caller in a test of a telephone line that is answered by automated agents.

Who you are: {manner}.
What you want: {goal}

How you play:
- Write what you say next, and nothing else: one or two short spoken sentences, no markup.
- Stay in your role. Say nothing that the goal does not know of; answer questions by it.
- Do not offer help. Do not repeat yourself unless you are asked to.
- When you have what you want, or see that you will not get it, say goodbye. When the agent has
  said goodbye, call hang_up.
""".strip()


def _function(name: str, description: str, **properties: Any) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    told = {"name": name, "description": description, "parameters": schema}
    return {"type": "function", "function": told}


_KEYS = {"type": "string", "description": "The keys, such as 12#"}
_SECONDS = {"type": "number", "description": "For how many seconds"}
TOOLS = [
    _function("hang_up", "Put the telephone down."),
    _function("press_keys", "Press keys of the telephone.", keys=_KEYS),
    _function("say_nothing", "Say nothing for a while.", seconds=_SECONDS),
]


class ChatPlayer:
    """Implements `emulators.twilio.suite.player.Player`.

    The scenario's steps that interrupt, or that are no words, are taken as written: a model that
    is asked after each turn can't time them.
    """

    def __init__(self, scenario: Scenario, client: AsyncOpenAI, model: str) -> None:
        self._scenario = scenario
        self._client = client
        self._model = model
        self._written = RulesPlayer(scenario) if _is_about_timing(scenario) else None

    def interruption(self, heard: Heard) -> Step | None:
        """See `Player.interruption`."""
        return self._written.interruption(heard) if self._written else None

    async def next(self, heard: Heard) -> Step:
        """See `Player.next`; raises ``openai.APIError``."""
        if self._written:
            return await self._written.next(heard)
        persona = self._scenario.persona
        role = _ROLE.format(manner=persona.manner, goal=self._scenario.goal)
        messages = [{"role": "system", "content": role}]
        for line in heard.story:
            messages.append(
                {"role": "assistant" if line.by_caller else "user", "content": line.text}
            )
        if messages[-1]["role"] != "user":
            messages.append({"role": "user", "content": "(says nothing)"})
        request: dict[str, Any] = {"model": self._model, "messages": messages, "tools": TOOLS}
        answer = await self._client.chat.completions.create(**request)
        return _step(answer.choices[0].message)


def _is_about_timing(scenario: Scenario) -> bool:
    steps = (*scenario.lines, *scenario.rules)
    return bool(scenario.recorded) or any(
        step.interrupt_after_s is not None or step.say is None for step in steps
    )


def _step(message: Any) -> Step:
    """What the model wants to do; an answer that is neither words nor a known call is silence."""
    for call in message.tool_calls or ():
        try:
            arguments = json.loads(call.function.arguments or "{}")
        except ValueError:
            arguments = {}
        match call.function.name:
            case "hang_up":
                return Step(hang_up=True)
            case "press_keys" if keys := str(arguments.get("keys", "")):
                return Step(press="".join(key for key in keys if key in KEYS) or "#")
            case "say_nothing":
                return Step(wait_s=min(60.0, max(1.0, float(arguments.get("seconds", 5)))))
    words = (message.content or "").strip()
    return Step(say=words[:LONGEST_LINE]) if words else Step(wait_s=5)


def chat_client() -> tuple[AsyncOpenAI, str] | None:
    """A client of the endpoint that ``OPENAI_CHAT_URL``, ``…_KEY`` and ``…_MODEL`` name.

    ``None`` when neither of the first two is set.
    """
    url, key = os.environ.get("OPENAI_CHAT_URL"), os.environ.get("OPENAI_CHAT_KEY")
    if not url and not key:
        return None
    # A local endpoint needs no key, but the client insists on one.
    client = AsyncOpenAI(base_url=url or None, api_key=key or "none", timeout=TIMEOUT_S)
    return client, os.environ.get("OPENAI_CHAT_MODEL") or MODEL
