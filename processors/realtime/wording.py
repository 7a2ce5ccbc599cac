"""Text that goes into requests to the model, and text that others hand in."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from agents.team import Agent
from processors.realtime.responses import ResponseRequest


def instructions(agent: Agent, today: date | None = None) -> str:
    """What an agent is told in a session: its own instructions, and the day.

    A model knows no date, and callers say "next Friday". The day stands last and changes once a
    day, so that the prompt cache holds. ``today`` is the server's day if it is not given.
    """
    today = today or date.today()
    return f"{agent.instructions}\n\nToday is {today:%A}, {today.day} {today:%B} {today.year}."


def spoken_line(text: str, *, manner: str = "", is_exact: bool = False) -> ResponseRequest:
    """A response that says just ``text``, whatever the conversation is at.

    Another response makes it superfluous unless ``is_exact``; ``manner`` says why or how to.
    """
    line = text.replace('"', "'")
    told = f'{manner} Say to the caller: "{line}"'.lstrip()
    return ResponseRequest({"instructions": told, "tool_choice": "none"}, is_exact=is_exact)


def rest_of_reply(agent: Agent, heard: str) -> ResponseRequest:
    """The rest of a reply that ended with its session after the caller had heard ``heard``.

    That is all of it where nothing was heard. A response's instructions stand in for the session's,
    so the agent's own go along.
    """
    if not heard:
        return ResponseRequest()
    said = heard.replace('"', "'")
    told = (
        f'The line broke while you were speaking. The caller heard you say: "{said}" Say what was '
        "left to say, from the next word on, as if nothing had happened: do not begin anew, repeat "
        "nothing, and do not speak of the break."
    )
    return ResponseRequest({"instructions": f"{instructions(agent)}\n\n{told}"})


def last_word(agent: Agent, about: Iterable[str]) -> ResponseRequest:
    """What the agent says when it has called tools again and again: no tool may be called now."""
    told = (
        "You have called tools many times in a row while the caller was waiting. Call none now: "
        "tell the caller what you have found so far, or that you could not find it, and ask how "
        "to go on."
    )
    parameters = {"instructions": f"{instructions(agent)}\n\n{told}", "tool_choice": "none"}
    return ResponseRequest(parameters, about)


def read_message(message: Any) -> tuple[Literal["user", "system"], str]:
    """Role and text of a chat message; a developer's counts as the system's."""
    if not isinstance(message, Mapping):
        return "system", ""
    role: Literal["user", "system"] = "user" if message.get("role") == "user" else "system"
    content = message.get("content")
    if isinstance(content, str):
        return role, content.strip()
    parts = [part for part in content or () if isinstance(part, Mapping)]
    return role, " ".join(str(part["text"]) for part in parts if part.get("text")).strip()
