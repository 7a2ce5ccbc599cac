"""A month that is looked back at: ``in October``, ``last month``."""

from calendar import month_name

from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import matches_at

_MONTHS = {name.lower(): number for number, name in enumerate(month_name) if name}


def find_month(utterance: Utterance) -> str | None:
    """The latest month of that name that has begun, as ``YYYY-MM``; the last one named counts."""
    today, found = utterance.today, None
    for index, token in enumerate(utterance.tokens):
        if month := _MONTHS.get(token.text):
            year = today.year if month <= today.month else today.year - 1
            figure = utterance.word(index + 1)
            year = int(figure) if figure.isdecimal() and len(figure) == 4 else year
            found = f"{year}-{month:02}"
        elif matches_at(utterance.tokens, index, "this", "month"):
            found = f"{today:%Y-%m}"
        elif matches_at(utterance.tokens, index, "last", "month"):
            year, month = divmod(today.year * 12 + today.month - 2, 12)
            found = f"{year}-{month + 1:02}"
    return found
