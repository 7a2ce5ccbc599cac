"""What is said of a call beside its conversation is in its columns as well."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records import store
from bot.records.database import writing
from bot.records.tables import Call
from bot.records.tables import Consent as ConsentRow
from processors.events.calls import CallAnswered, CallEnded, CallPlanned, CallStarted
from processors.events.figures import Cost
from processors.events.outcome import CallSummarised, DataExtracted
from processors.events.recording import Consent, RecordingFinished
from tests.bot.records.stories import entries, stamped


async def written(database, events):
    async with AsyncSession(writing(database)) as session, session.begin():
        await store.write(session, "i1", entries(stamped(events)))
    async with AsyncSession(database) as session:
        [call] = await session.scalars(select(Call))
        consents = list(await session.scalars(select(ConsentRow)))
    return call, consents


async def test_all_of_it_reaches_its_columns(database):
    call, consents = await written(
        database,
        [
            CallPlanned(request={"to": "+14155550123", "metadata": {"customer": "7"}}),
            CallAnswered(answered_by="unknown", source="none", action="talk"),
            CallStarted(team="outreach", channel="phone", direction="outbound"),
            CallAnswered(answered_by="human", source="transcript", action="talk"),
            Consent(kind="recording", granted=True),
            Cost(usd=0.1, by_kind={"realtime": 0.1}),
            DataExtracted(data={"rating": 4}),
            CallEnded(reason="agent", duration_s=9),
            RecordingFinished(
                file="call_1.ogg",
                channels=["caller", "agent"],
                duration_s=8.5,
                bytes=4096,
                sha256="0" * 64,
            ),
            Cost(usd=0.25, by_kind={"realtime": 0.2, "chat": 0.05}),
            CallSummarised(
                summary="They liked it.",
                intent="survey",
                outcome="resolved",
                data={"rating": 2, "come_again": True},
                model="gpt-5.4-mini",
            ),
        ],
    )
    assert (call.meta, call.direction, call.answered_by) == ({"customer": "7"}, "outbound", "human")
    assert [(each.kind, each.granted) for each in consents] == [("recording", True)]
    assert call.cost_usd == 0.25
    assert (call.recording_file, call.recording_duration_s) == ("call_1.ogg", 8.5)
    assert call.recording_bytes == 4096
    assert (call.summary, call.intent, call.outcome) == ("They liked it.", "survey", "resolved")
    assert call.data == {"rating": 4, "come_again": True}
    assert (call.status, call.reason) == ("completed", "agent")


async def test_where_it_is_not_said_there_is_nothing(database):
    call, consents = await written(database, [CallStarted(team="travel", channel="phone")])
    assert (call.meta, call.answered_by, call.summary, consents) == ({}, None, None, [])
    assert (call.cost_usd, call.recording_file) == (None, None)
