"""What the slots of phrases can be without an entry in the vocabulary: dates, numbers.

Rules are written in JSGF. A weight (``/5/``) says how likely one alternative is beside another.
"""

import re
from collections.abc import Iterator

_DIGITS = (
    "/5/ zero | /1/ oh | /5/ one | /5/ two | /5/ three | /5/ four | /5/ five | /5/ six | /5/ seven"
    " | /5/ eight | /5/ nine"
)
_TEENS = (
    "ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen"
    " | nineteen"
)
_TENS = "twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety"
_ORDINALS = (
    "first | second | third | fourth | fifth | sixth | seventh | eighth | ninth | tenth"
    " | eleventh | twelfth | thirteenth | fourteenth | fifteenth | sixteenth | seventeenth"
    " | eighteenth | nineteenth | twentieth | thirtieth"
)
_ORDINAL_UNITS = "first | second | third | fourth | fifth | sixth | seventh | eighth | ninth"
_MONTHS = (
    "january | february | march | april | may | june | july | august | september | october"
    " | november | december"
)
_WEEKDAYS = "monday | tuesday | wednesday | thursday | friday | saturday | sunday"
_FIRST_NAMES = (
    "alice | anna | carol | daniel | david | emily | emma | george | helen | james | john | julia"
    " | karen | laura | linda | lucy | maria | mark | martin | mary | michael | paul | peter"
    " | robert | sarah | simon | susan | thomas"
)
_LAST_NAMES = (
    "adams | anderson | baker | brown | carter | clark | cooper | davis | evans | garcia | green"
    " | harris | jackson | johnson | jones | keller | lewis | martin | miller | moore | parker"
    " | roberts | smith | taylor | thompson | walker | white | williams | wilson | young"
)

BUILT_IN = {
    "digit": _DIGITS,
    "unit": "one | two | three | four | five | six | seven | eight | nine",
    "teen": _TEENS,
    "tens": _TENS,
    "tens_number": "<tens> [ <unit> ]",
    "hundreds": "( a | <unit> ) hundred [ [ and ] ( <unit> | <teen> | <tens_number> ) ]",
    "number": "/100/ <unit> | /10/ <teen> | /5/ <tens_number> | /1/ <hundreds>",
    "ordinal": _ORDINALS,
    "day": f"{_ORDINALS} | twenty ( {_ORDINAL_UNITS} ) | thirty first",
    "month": _MONTHS,
    "weekday": _WEEKDAYS,
    "year": "twenty ( twenty | thirty ) [ <unit> ] | two thousand [ and ] <tens_number>",
    "date": "/90/ <month> <day> | /5/ <month> the <day> | /2/ <month> <day> <year>"
    " | /10/ the <day> of <month> | /2/ the <day> | /4/ <weekday> | /2/ next <weekday>"
    " | /1/ this <weekday> | /2/ today | /4/ tomorrow",
    "digits": "<digit> <digit> <digit> <digit> [ <digit> [ <digit> [ <digit> [ <digit>"
    " [ <digit> [ <digit> [ <digit> [ <digit> ] ] ] ] ] ] ] ]",
    "money": "<number> [ thousand ] ( dollars | euros | pounds ) [ and <number> cents ]",
    "time": "( <unit> | <teen> ) [ o'clock | <teen> | <tens_number> | oh <unit> ]"
    " [ in the morning | in the afternoon | in the evening | a m | p m ]"
    " | noon | midnight",
    "yes_no": "yes | no | yes please | no thank you",
    "first_name": _FIRST_NAMES,
    "last_name": _LAST_NAMES,
    "name": "<first_name> [ <last_name> ]",
    "letter": " | ".join("abcdefghijklmnopqrstuvwxyz"),
    "letters": "<letter> <letter> [ <letter> [ <letter> [ <letter> [ <letter> [ <letter> ] ] ] ] ]",
}
"""Slot name to JSGF."""

_COUNTED_DIGITS = re.compile(r"digits_(\d{1,2})")


def built_in(slot: str) -> str | None:
    """The rule of a slot, or nothing for an unknown one; ``digits_6`` is exactly six digits."""
    if counted := _COUNTED_DIGITS.fullmatch(slot):
        return " ".join(["<digit>"] * int(counted[1]))
    return BUILT_IN.get(slot)


def references(rule: str) -> Iterator[str]:
    """The rules that a rule refers to."""
    yield from re.findall(r"<(\w+)>", rule)
