"""Words that were said: the same calls are found whether many say them or few, page by page."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records import reading
from bot.records.database import writing
from bot.records.projection import new_call
from bot.records.reading import CallFilter, Place, list_calls
from bot.records.tables import Utterance

BEGIN = datetime(2024, 10, 26, tzinfo=UTC)
LINES = ("hello there", "a hotel in Paris", "PARIS, please", "flights to Rome", "100% sure_thing")


@pytest.mark.parametrize("looked_through", [1, 7, 1000])
async def test_words_find_the_calls_in_which_they_were_said(database, monkeypatch, looked_through):
    monkeypatch.setattr(reading, "LOOKED_THROUGH", looked_through)
    chance = random.Random(3)
    said: dict[str, str] = {}
    async with AsyncSession(writing(database)) as session, session.begin():
        for number in range(60):
            # Not stored in the order in which they began, and some of them at once.
            call = new_call(f"call_{number:02}", BEGIN + timedelta(hours=chance.randrange(40)), "i")
            call.team = chance.choice(["travel", "outreach"])
            lines = chance.choices(LINES, k=chance.randrange(4))
            said[call.id] = " ".join(lines).lower().replace("_", " ")
            session.add(call)
            await session.flush()
            for place, line in enumerate(lines):
                session.add(
                    Utterance(
                        call_id=call.id,
                        sequence=place,
                        item_id=str(place),
                        speaker="caller",
                        text=line,
                        at=call.created_at,
                    )
                )
    everything = await list_calls(database, CallFilter(), after=None, limit=100)
    for words in (["paris"], ["hot"], ["h"], ["Paris", "rome"], ["hello", "please"], ["oslo"]):
        for team in (None, "travel"):
            wanted = [
                call.id
                for call in everything
                if team in (None, call.team)
                and all(has_word(said[call.id], word.lower()) for word in words)
            ]
            assert await found_page_by_page(database, CallFilter(words=words, team=team)) == wanted


def has_word(said: str, beginning: str) -> bool:
    return any(word.startswith(beginning) for word in said.split())


async def found_page_by_page(database, wanted: CallFilter) -> list[str]:
    found: list[str] = []
    after = None
    while page := await list_calls(database, wanted, after=after, limit=4):
        found += [call.id for call in page]
        after = Place(page[-1].created_at, page[-1].id)
    return found
