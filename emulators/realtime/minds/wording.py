"""How the rules mind puts things into words."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from emulators.realtime.minds.task import Ask, Rows, Task
from emulators.realtime.minds.understanding.dates import spoken_date
from emulators.realtime.minds.understanding.parameters import Kind, Parameter
from emulators.realtime.minds.understanding.results import identifier, row_name
from emulators.realtime.minds.understanding.times import spoken_time
from emulators.realtime.minds.understanding.toolbox import KnownTool, Role, Toolbox

ANYTHING_ELSE = "Is there anything else I can do for you?"
HOW_CAN_I_HELP = "How can I help you?"
WHICH_ONE = "Which one would you like?"
FAREWELL = "Thank you for calling. Goodbye!"

_MOST_CHOICES = 6
"""That are read out with a question."""


def question(step: Ask, rows: Rows) -> str:
    """Asks for a parameter, after saying what was wrong with its value."""
    parameter = step.parameter
    if parameter.kind is Kind.ROW and rows:
        asked = WHICH_ONE
    elif parameter.kind is Kind.CHOICE and len(parameter.examples) <= _MOST_CHOICES:
        choices = [re.sub(r"[_-]+", " ", choice) for choice in parameter.examples]
        asked = f"{parameter.question.rstrip('?')}: {one_of(choices, 'or')}?"
    else:
        asked = parameter.question
    return f"{step.problem} {asked}".strip()


def confirmation(task: Task, rows: Rows, today: date, *, closing: str) -> str:
    """Says what would be done, and asks for a yes."""
    known = [
        detail(parameter, task.values[parameter.name], rows, today)
        for parameter in task.tool.parameters
        if parameter.name in task.values and not parameter.is_secret
    ]
    return f"{intention(task.tool)[:-1]}: {', '.join(known)}. {closing}"


def intention(tool: KnownTool) -> str:
    """What is about to be done: "I will book the hotel."."""
    definite = re.sub(r"^(\w+) an? ", r"\1 the ", tool.deed)
    return f"I will {definite}."


def detail(parameter: Parameter, value: Any, rows: Rows, today: date) -> str:
    """One value with its label, as it is said."""
    said = spoken(value, today, digits=parameter.kind is Kind.DIGITS)
    if parameter.kind is Kind.MONEY:
        whole, cents = divmod(round(float(value) * 100), 100)
        said = f"{whole} dollars{f' and {cents} cents' if cents else ''}"
    if parameter.kind is Kind.TIME:
        said = spoken_time(str(value))
    if parameter.kind is Kind.CODE:
        said = " ".join(re.findall(r"[a-z]+|\d", str(value).lower()))
    if parameter.kind is Kind.ROW:
        row = next((row for row in rows if identifier(row, parameter) == value), None)
        return row_name(row) if row and row_name(row) else said
    if quantity := re.match(r"(the )?number of (?!the |a )(.+)", parameter.label):
        noun = quantity[2]
        return f"{said} {noun.removesuffix('s') if value == 1 else noun}"
    return f"{parameter.noun} {said}"


def spoken(value: Any, today: date, *, digits: bool = False) -> str:
    """A value as it is said: dates with the month's name, long numbers digit by digit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return spoken_date(date.fromisoformat(text), today)
    if digits or (text.isdecimal() and len(text) > 4):
        return " ".join(text)
    return text.replace("_", " ")


def abilities(toolbox: Toolbox) -> str:
    """What can be done here, and by whom."""
    functions = [tool.deed for tool in toolbox.with_role(Role.FUNCTION)]
    colleagues = [_colleague(tool) for tool in toolbox.with_role(Role.TRANSFER)]
    sentences = []
    if functions:
        sentences.append(f"I can {one_of(functions, 'or')}.")
    if colleagues:
        sentences.append(f"I can connect you with {one_of(colleagues, 'or')}.")
    return " ".join(sentences) or "You can talk to me, but I have no tools to do anything with."


def choice(tools: Iterable[KnownTool]) -> str:
    """Asks which of several colleagues it should be."""
    return f"Would you like {one_of(map(_colleague, tools), 'or')}?"


def connecting(tool: KnownTool) -> str:
    """Said before a transfer."""
    return f"One moment, I will connect you with {_colleague(tool)}."


def _colleague(tool: KnownTool) -> str:
    return "a person" if tool.title == "human" else tool.title


def one_of(items: Iterable[str], conjunction: str) -> str:
    """``a, b or c``."""
    names: Sequence[str] = list(items)
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"
