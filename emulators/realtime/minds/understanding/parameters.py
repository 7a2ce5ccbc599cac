"""What a tool needs to know, read from the JSON Schema of its parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from emulators.realtime.minds.understanding.words import name_words, stem

_LONGEST_LABEL = 9
"""Words; a longer description is prose, and the parameter's name makes the better label."""


class Kind(Enum):
    """How a value is heard."""

    DATE = auto()
    MONTH = auto()
    TIME = auto()
    NUMBER = auto()
    """Also whole numbers."""
    MONEY = auto()
    BOOLEAN = auto()
    CHOICE = auto()
    DIGITS = auto()
    """A number that is read out digit by digit, such as a confirmation number."""
    CODE = auto()
    """Letters and digits that a pattern describes, such as a word and four digits."""
    ROW = auto()
    """The identifier of something in an earlier result."""
    NAME = auto()
    """Of a person."""
    PLACE = auto()
    EMAIL = auto()
    TEXT = auto()


_NAMES = {"name", "surname", "guest", "passenger", "driver", "customer", "contact", "caller"}
_PLACES = {
    *("city", "town", "place", "country", "location", "address", "region"),
    *("origin", "destination", "airport", "station", "from", "to"),
}
_DIGIT_NOUNS = {"confirmation", "reference", "digits", "pin", "code", "phone", "telephone"}
_MONEY = {"price", "budget", "amount", "cost", "dollars", "euros", "usd", "eur"}
_QUANTITY = re.compile(r"^(the )?(total )?(number of|how many) (?!the |a )", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One property of a tool's parameters.

    Attributes:
        name: In the schema.
        schema: Of the property, with the null of an optional one taken out.
        required: A call without it is refused.
    """

    name: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def description(self) -> str:
        """The schema's description or title, possibly nothing."""
        return str(self.schema.get("description") or self.schema.get("title") or "")

    @property
    def words(self) -> frozenset[str]:
        """Lower-case words of the name and of the description."""
        return frozenset(name_words(self.name)) | frozenset(name_words(self.description))

    @property
    def kind(self) -> Kind:
        """How a value is heard."""
        kind = self.schema.get("type")
        name = frozenset(name_words(self.name))
        if self.schema.get("enum"):
            return Kind.CHOICE
        if kind == "boolean":
            return Kind.BOOLEAN
        if self.schema.get("format") in ("date", "date-time") or "date" in name:
            return Kind.DATE
        if self.schema.get("format") == "time":
            return Kind.TIME
        if "month" in name and kind == "string" and "[0-9]{4}-" in str(self.schema.get("pattern")):
            return Kind.MONTH
        if self.schema.get("format") == "email" or "email" in name:
            return Kind.EMAIL
        if self._is_code:
            return Kind.CODE
        if self._is_digits(name):
            return Kind.DIGITS
        if kind in ("integer", "number"):
            return Kind.MONEY if self.words & _MONEY else Kind.NUMBER
        if name & {"id", "ids", "key"}:
            return Kind.ROW
        if name & _PLACES or (self.words & {"city", "country"} and "name" not in name):
            return Kind.PLACE
        if "name" in name or (name & _NAMES and "name" in self.words):
            return Kind.NAME
        return Kind.TEXT

    @property
    def label(self) -> str:
        """A noun phrase for it: the start of the description if that is one, else the name."""
        start = re.split(
            r"[.,;:(]| such as | e\.g\.| in the (?:form|format) | as YYYY", self.description
        )
        label = start[0].strip()
        if not 0 < len(label.split()) <= _LONGEST_LABEL or label[0].isdecimal():
            label = " ".join(name_words(self.name))
        return label if label[:2].isupper() else label[:1].lower() + label[1:]

    @property
    def noun(self) -> str:
        """The label without its article, and without how many digits it has."""
        return re.sub(r"^(the|a|an|your) (\w+-digit )?", "", self.label)

    @property
    def question(self) -> str:
        """A short question for it."""
        label = self.label
        if quantity := _QUANTITY.match(label):
            return f"How many {label[quantity.end() :]}?"
        first = label.split()[0]
        label = re.sub(r"^(when|what|how long) (it) (can|will)\b", r"\1 \3 \2", label)
        label = re.sub(r"^what to\b", "what is there to", label)
        if first in ("what", "where", "when", "who", "which", "how"):
            return f"{label[0].upper()}{label[1:]}?"
        if self.kind is Kind.BOOLEAN:
            statement = label.removeprefix("whether ")
            return f"{statement[0].upper()}{statement[1:]}: yes or no?"
        article = "" if first in ("the", "a", "an", "your") else "the "
        plural = first.endswith("s") and len(label.split()) == 1 and not first.endswith("ss")
        return f"What {'are' if plural else 'is'} {article}{label}?"

    @property
    def is_object(self) -> bool:
        """What a request is for: its description ends with "for"."""
        return bool(re.search(r"\b(search|asked|look|ask)(ed)? for$", self.description))

    @property
    def is_worth_asking(self) -> bool:
        """Optional, and its description is a question or the number of something."""
        asks = self.label.split()[0] in ("what", "when", "how")
        return not self.required and (self.kind is Kind.DIGITS or (self.kind is Kind.TEXT and asks))

    @property
    def is_later(self) -> bool:
        """Of two dates, whether this is the second one."""
        later = {
            "out",
            "end",
            "return",
            "until",
            "off",
            "to",
            "last",
            "back",
            "dropoff",
            "checkout",
        }
        return bool(frozenset(name_words(self.name)) & later)

    @property
    def nouns(self) -> frozenset[str]:
        """Stems that name what is counted or meant, for "two people" or "the city is"."""
        return frozenset(stem(word) for word in self.words if len(word) > 2)

    @property
    def examples(self) -> tuple[str, ...]:
        """Known values: of an enumeration, or examples."""
        values = self.schema.get("enum") or self.schema.get("examples") or ()
        return tuple(str(value) for value in values if value is not None)

    @property
    def is_secret(self) -> bool:
        """It proves who somebody is, and is never said: ``format: password``."""
        return self.schema.get("format") == "password"

    @property
    def digit_count(self) -> int:
        """Of a pattern that is a number of digits; 0 for any."""
        exact = re.search(r"\{(\d+)\}", str(self.schema.get("pattern", "")))
        return int(exact[1]) if exact else 0

    @property
    def _is_code(self) -> bool:
        pattern = str(self.schema.get("pattern", ""))
        has_digits = "[0-9]" in pattern or "\\d" in pattern or "0-9]" in pattern
        return self.schema.get("type") == "string" and "A-Z" in pattern and has_digits

    def _is_digits(self, name: frozenset[str]) -> bool:
        pattern = str(self.schema.get("pattern", ""))
        if re.fullmatch(r"\^?(\\d|\[0-9\])(\{[\d,]+\}|\+|\*)\$?", pattern):
            return True
        kind = self.schema.get("type")
        digits = bool(name & _DIGIT_NOUNS) or bool(self.words & {"digit", "digits"})
        return digits and (kind == "string" or bool(name & {"number", "code", "pin"}))


def parameters_of(schema: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """The parameters that a schema of type ``object`` declares, in its order."""
    required = frozenset(schema.get("required") or ())
    properties: Mapping[str, Any] = schema.get("properties") or {}
    return tuple(
        Parameter(name, _without_null(value), name in required)
        for name, value in properties.items()
        if isinstance(value, Mapping)
    )


def _without_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one type that an optional property has beside ``null``."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return {**schema, "type": next((kind for kind in kinds if kind != "null"), "string")}
    options = [
        option
        for option in schema.get("anyOf") or schema.get("oneOf") or ()
        if isinstance(option, Mapping) and option.get("type") != "null"
    ]
    if not options:
        return schema
    outer = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
    return {**options[0], **outer}
