"""Takes the values of a tool's parameters out of a sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from rapidfuzz import fuzz

from emulators.realtime.minds.understanding.acts import Act, act_of
from emulators.realtime.minds.understanding.dates import DateMention, spoken_date
from emulators.realtime.minds.understanding.months import find_month
from emulators.realtime.minds.understanding.numbers import Number, find_codes
from emulators.realtime.minds.understanding.parameters import Kind, Parameter
from emulators.realtime.minds.understanding.people import PERSONS, counted_people, find_person
from emulators.realtime.minds.understanding.places import find_place
from emulators.realtime.minds.understanding.results import find_row, identifier
from emulators.realtime.minds.understanding.times import find_times
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import (
    FILLERS,
    matches_at,
    name_words,
    stem,
    tokenize,
)

_LEAST_CHOICE_SCORE = 85
_MONEY_WORDS = frozenset(
    ["dollar", "dollars", "euro", "euros", "pound", "pounds", "$", "€", "£", "bucks"]
)
_UNTIL = frozenset(
    ["to", "until", "till", "through", "returning", "return", "back", "checkout", "leaving"]
)
_EITHER = frozenset(["or", "and", "to", "until", "till", "through"])
_CORRECTIONS = frozenset(["no", "not", "sorry", "actually", "mean", "rather", "wait", "wrong"])
"""Between two dates: the first one was a slip."""
_OTHER_UNITS = _MONEY_WORDS | frozenset(
    [
        "night",
        "nights",
        "day",
        "days",
        "week",
        "weeks",
        "star",
        "stars",
        "hour",
        "hours",
        "o'clock",
        "percent",
        "%",
        "am",
        "pm",
    ]
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


@dataclass(slots=True)
class Heard:
    """What a sentence says about a tool's parameters.

    Attributes:
        values: Parameter names to values, as the schema wants them.
        problems: What is wrong with values that were said: parameter name to a sentence.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def listen(
    parameters: Sequence[Parameter],
    utterance: Utterance,
    *,
    asked: Parameter | None = None,
    known: Mapping[str, Any] | None = None,
    rows: Sequence[Mapping[str, Any]] = (),
) -> Heard:
    """Everything that a sentence says about some parameters.

    Args:
        parameters: To look for.
        utterance: The sentence.
        asked: The one that was just asked for, so that a bare value is its answer.
        known: Values heard before.
        rows: Of the latest result, for references such as "the first one".
    """
    heard = Heard()
    _hear_dates(parameters, utterance, asked, known or {}, heard)
    _hear_digits(parameters, utterance, asked, heard)
    for parameter in parameters:
        if parameter.kind in (Kind.DATE, Kind.DIGITS, Kind.CODE):
            continue
        value = _value(parameter, parameters, utterance, parameter is asked, rows)
        if value is None:
            continue
        if problem := _out_of_range(parameter, value):
            heard.problems[parameter.name] = problem
        else:
            heard.values[parameter.name] = value
    return heard


def _value(
    parameter: Parameter,
    parameters: Sequence[Parameter],
    utterance: Utterance,
    asked: bool,
    rows: Sequence[Mapping[str, Any]],
) -> Any:
    match parameter.kind:
        case Kind.CHOICE:
            return _choice(parameter, utterance)
        case Kind.BOOLEAN:
            return _yes_or_no(parameter, utterance, asked)
        case Kind.MONTH:
            return find_month(utterance)
        case Kind.TIME:
            times = find_times(utterance, bare=asked)
            return times[0].value if times else None
        case Kind.NUMBER:
            return _count(parameter, parameters, utterance, asked)
        case Kind.MONEY:
            return _money(utterance, asked)
        case Kind.ROW:
            row = find_row(utterance.tokens, rows, bare=asked)
            return identifier(row, parameter) if row else None
        case Kind.NAME:
            return find_person(utterance, asked=asked)
        case Kind.PLACE:
            others = [other for other in parameters if other.kind is Kind.PLACE]
            return find_place(parameter, others, utterance, asked=asked)
        case Kind.EMAIL:
            return _email(utterance)
        case _:
            return _text(parameter, utterance, asked)


def _hear_digits(
    parameters: Sequence[Parameter],
    utterance: Utterance,
    asked: Parameter | None,
    heard: Heard,
) -> None:
    """Codes and what is read out digit by digit; digits of a code are no number beside it."""
    taken: set[int] = set()
    for parameter in parameters:
        if parameter.kind is Kind.CODE:
            pattern = str(parameter.schema.get("pattern", ""))
            for code, first, end in find_codes(utterance.tokens, pattern, parameter.words)[:1]:
                heard.values[parameter.name] = code
                taken.update(range(first, end))
    if any(parameter.kind is Kind.TIME for parameter in parameters):
        for time in find_times(utterance, bare=asked is not None and asked.kind is Kind.TIME):
            taken.update(range(time.first, time.end))
    runs = [run for run, first, _ in utterance.digits if first not in taken]
    wanted = [parameter for parameter in parameters if parameter.kind is Kind.DIGITS]
    counts = {parameter.digit_count for parameter in wanted}
    for parameter in wanted:
        fitting = [run for run in runs if len(run) == parameter.digit_count]
        # What has another one's length is that other one.
        loose = [run for run in runs if len(run) not in counts]
        if fitting or loose:
            digits = max(fitting or loose, key=len)
            if (len(digits) >= 4 or parameter is asked) and (fitting or not _is_secret(wanted)):
                is_number = parameter.schema.get("type") == "integer"
                heard.values[parameter.name] = int(digits) if is_number else digits
            elif parameter is asked:
                heard.problems[parameter.name] = (
                    f"The {parameter.noun} has to have {parameter.digit_count} digits."
                )


def _is_secret(parameters: Sequence[Parameter]) -> bool:
    """Whether wrong ones among these count: they are not tried out."""
    return any(parameter.is_secret for parameter in parameters)


def _hear_dates(
    parameters: Sequence[Parameter],
    utterance: Utterance,
    asked: Parameter | None,
    known: Mapping[str, Any],
    heard: Heard,
) -> None:
    # A date in an answer in words belongs to that answer.
    in_words = asked is not None and asked.kind is Kind.TEXT
    wanted = [p for p in parameters if p.kind is Kind.DATE and (p.required or not in_words)]
    if not wanted:
        return
    start, end = wanted[0], (wanted[1] if len(wanted) > 1 else None)
    if end and start.is_later and not end.is_later:
        start, end = end, start
    mentions = _corrected(utterance)
    meant = (asked if asked in (start, end) else None) or start
    if options := _alternatives(utterance, mentions, is_range=end is not None):
        heard.problems[meant.name] = f"That could be {options}."
        return
    if len(mentions) == 1 and end:
        mention = mentions[0]
        until = utterance.word(mention.first - 1) in _UNTIL or (
            utterance.word(mention.first - 1) == "on"
            and utterance.word(mention.first - 2) in _UNTIL
        )
        missing_end = start.name in known and end.name not in known
        nearer = asked not in (start, end) and _is_nearer(mention, end, start, known)
        is_end = until or asked is end or (asked is not start and missing_end) or nearer
        target = end if is_end else start
        pairs = [(target, mention)]
    else:
        pairs = list(zip((start, end) if end else (start,), mentions, strict=False))
    for parameter, mention in pairs:
        if parameter and mention.day:
            heard.values[parameter.name] = mention.day.isoformat()
        elif parameter:
            heard.problems[parameter.name] = mention.problem
    if end and utterance.durations and end.name not in heard.values | heard.problems:
        first = heard.values.get(start.name) or known.get(start.name)
        if first:
            last = date.fromisoformat(first) + timedelta(days=utterance.durations[0].days)
            heard.values[end.name] = last.isoformat()


def _corrected(utterance: Utterance) -> Sequence[DateMention]:
    """The dates of a sentence without those that are taken back: "June third, no, June fourth"."""
    kept: list[DateMention] = []
    for mention in utterance.dates:
        between = range(kept[-1].end, mention.first) if kept else range(0)
        if _CORRECTIONS & {utterance.word(index) for index in between}:
            kept.pop()
        kept.append(mention)
    return kept


def _alternatives(utterance: Utterance, mentions: Sequence[DateMention], *, is_range: bool) -> str:
    """The two dates between which a sentence leaves open which one it is; nothing for one date."""
    if len(mentions) != 2:
        return ""
    first, second = mentions
    between = {utterance.word(index) for index in range(first.end, second.first)}
    links = {"or"} if is_range else _EITHER
    is_open = bool(between & links) and between <= _EITHER | {"on", "the", "maybe", "perhaps"}
    if not is_open or first.day is None or second.day is None or first.day == second.day:
        return ""
    days = (spoken_date(mention.day, utterance.today) for mention in (first, second) if mention.day)
    return " or ".join(days)


def _is_nearer(
    mention: DateMention, one: Parameter, other: Parameter, known: Mapping[str, Any]
) -> bool:
    """Of two known dates, whether a new one rather replaces the first than the other."""
    days = [known.get(parameter.name) for parameter in (one, other)]
    if mention.day is None or not all(days):
        return False
    to_one, to_other = (abs(date.fromisoformat(str(day)) - mention.day) for day in days)
    return to_one < to_other


def _choice(parameter: Parameter, utterance: Utterance) -> Any:
    """The enumerated value whose words are in the sentence."""
    said = [token.text for token in utterance.tokens]
    options = list(parameter.schema.get("enum") or ())
    scores = []
    for option in options:
        words = re.sub(r"[_-]+", " ", str(option)).lower().split()
        windows = [
            " ".join(said[index : index + len(words)])
            for index in range(max(1, len(said) - len(words) + 1))
        ]
        scores.append(max(fuzz.ratio(" ".join(words), window) for window in windows))
    best = max(scores, default=0)
    return options[scores.index(best)] if best >= _LEAST_CHOICE_SCORE else None


def _yes_or_no(parameter: Parameter, utterance: Utterance, asked: bool) -> bool | None:
    act = act_of(utterance.text) if asked else None
    if act in (Act.YES, Act.NO, Act.DONE):
        return act is Act.YES
    words = {stem(word) for word in re.split(r"[_\W]+", parameter.name.lower()) if len(word) > 2}
    said = [token.text for token in utterance.tokens]
    if words and words <= {stem(word) for word in said}:
        return not {"no", "not", "without", "don't"} & set(said)
    return None


def _count(
    parameter: Parameter, parameters: Sequence[Parameter], utterance: Utterance, asked: bool
) -> int | float | None:
    whole = parameter.schema.get("type") == "integer"
    only = sum(other.kind is Kind.NUMBER for other in parameters) == 1
    counts_people = bool(parameter.nouns & PERSONS)
    loose = None
    for number in utterance.numbers:
        value = number.whole if whole else number.value
        unit = utterance.word(number.end)
        if value is None or utterance.word(number.end + 1) == "star":
            continue
        if _is_numbered(parameter, utterance, number):
            return value
        if stem(unit) in parameter.nouns or (counts_people and stem(unit) in PERSONS):
            return value
        before = utterance.word(number.first - 1)
        foreign = unit in _OTHER_UNITS or before in _MONEY_WORDS or before in ("number", "option")
        is_pronoun = utterance.word(number.first) == "one" and before in ("the", "that", "this")
        if not foreign and not is_pronoun and (asked or before == "for"):
            loose = value if loose is None else loose
    if counts_people and (people := counted_people(utterance)):
        return people
    return loose if asked or only else None


def _is_numbered(parameter: Parameter, utterance: Utterance, number: Number) -> bool:
    """Whether it is what the parameter numbers: "task two", "quote number two"."""
    before = number.first - 1
    if utterance.word(before) == "number":
        before -= 1
    return utterance.word(before) in set(name_words(parameter.name)) - {"number"}


def _money(utterance: Utterance, asked: bool) -> float | None:
    for number in utterance.numbers:
        around = {utterance.word(number.first - 1), utterance.word(number.end)}
        if asked or around & _MONEY_WORDS:
            value = number.value + _cents(utterance, number)
            return int(value) if value == int(value) else round(value, 2)
    return None


def _cents(utterance: Utterance, dollars: Number) -> float:
    """What is said behind whole units: "and fifty cents", or only "fifty"."""
    for number in utterance.numbers:
        if number.first <= dollars.first or number.value >= 100:
            continue
        behind = utterance.word(number.end)
        gap = [utterance.word(index) for index in range(dollars.end, number.first)]
        if behind in ("cents", "cent") or not gap:
            return number.value / 100
    return 0.0


def _email(utterance: Utterance) -> str | None:
    written = _EMAIL.search(utterance.text)
    if written:
        return written.group()
    spoken = re.sub(r"\s+at\s+", "@", utterance.text.lower(), count=1)
    spoken = re.sub(r"\s+dot\s+", ".", spoken)
    found = _EMAIL.search(spoken)
    return found.group() if found else None


def _text(parameter: Parameter, utterance: Utterance, asked: bool) -> Any:
    if parameter.examples and (found := _example(parameter, utterance)):
        return found
    if parameter.is_object and (named := _object(utterance)):
        return named
    if not asked:
        return None
    words = [token for token in utterance.tokens if token.text not in FILLERS]
    if not words:
        return None
    value = utterance.text[words[0].start : words[-1].end]
    return [value] if parameter.schema.get("type") == "array" else value


def _object(utterance: Utterance) -> str | None:
    """What stands behind the last "for": "search the code for the word handoff"."""
    tokens = [token.text for token in utterance.tokens]
    if "for" not in tokens:
        return None
    first = len(tokens) - tokens[::-1].index("for")
    end = len(tokens)
    while end > first and tokens[end - 1] in FILLERS:
        end -= 1
    while first < end and tokens[first] in ("the", "a", "an", "my", "word"):
        first += 1
    named = end
    for index, word in enumerate(tokens[first:end], start=first):
        if word in ("is", "are", "at", "on", "from"):
            named = index
            break
    return utterance.original(first, named) if named > first else None


def _example(parameter: Parameter, utterance: Utterance) -> str | None:
    for example in parameter.examples:
        words = [token.text for token in tokenize(example)]
        for index in range(len(utterance.tokens)):
            if words and matches_at(utterance.tokens, index, *words):
                return example
    return None


def _out_of_range(parameter: Parameter, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    low, high = parameter.schema.get("minimum"), parameter.schema.get("maximum")
    if low is not None and value < low:
        return f"The {parameter.noun} must be at least {low}, not {value}."
    if high is not None and value > high:
        return f"The {parameter.noun} can be at most {high}, not {value}."
    return ""
