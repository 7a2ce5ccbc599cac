"""What is written of a call: every event once, in order, and what can be read from them."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records import store
from bot.records.database import writing
from bot.records.entries import Entry, is_stored
from bot.records.migrate import migrate
from bot.records.tables import (
    Base,
    Call,
    CallEvent,
    Handoff,
    ToolCall,
    TurnLatency,
    Usage,
    Utterance,
)
from processors.events.calls import CallEnded, CallStarted
from processors.events.conversation import UserSpeech, UserTranscript
from tests.bot.records.stories import START, entries, stamped, story


async def write(engine, batch, instance="i1", **options):
    async with AsyncSession(writing(engine)) as session, session.begin():
        await store.write(session, instance, batch, **options)


async def rows(engine, statement):
    async with AsyncSession(engine) as session:
        return list(await session.scalars(statement))


async def call(engine, call_id="call_1"):
    [found] = await rows(engine, select(Call).where(Call.id == call_id))
    return found


async def test_the_migrations_make_the_tables_that_the_code_expects(database):
    def differences(connection):
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda _object, name, *_rest: (
                    not (
                        name.startswith("call_utterances_search")
                        or name in ("call_records_version", "ix_call_utterances_search")
                    )
                ),
            },
        )
        return compare_metadata(context, Base.metadata)

    async with database.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_instances_that_start_together_migrate_once(settings, opened):
    await asyncio.gather(*(migrate(opened(settings)) for _ in range(4)))
    async with opened(settings).connect() as connection:
        versions = await connection.scalar(text("SELECT count(*) FROM call_records_version"))
    assert versions == 1


async def test_a_call_is_read_from_its_events(database):
    told = [event for event in stamped(story()) if is_stored(event)]
    batch = entries(told)
    batch[0].fields["from_number"] = "+14155550100"
    await write(database, batch)
    record = await call(database)
    assert (record.call_sid, record.team, record.channel) == ("CA1", "travel", "phone")
    assert (record.from_number, record.direction) == ("+14155550100", "inbound")
    assert (record.status, record.reason, record.duration_s) == ("completed", "caller", 14)
    assert (record.started_at, record.ended_at) == (told[0].at, told[-1].at)
    assert record.agent == "hotel_booking"
    assert record.transcript.splitlines() == [
        "agent: How can I help?",
        "caller: A hotel in Paris",
        "agent: The Ritz",
    ]
    assert (record.input_text_tokens, record.cached_tokens, record.output_audio_tokens) == (
        17,
        3,
        5,
    )
    [_entry, handoff] = await rows(database, select(Handoff).order_by(Handoff.sequence))
    assert (handoff.from_agent, handoff.to_agent) == ("front_desk", "hotel_booking")
    assert (handoff.reason, handoff.context, handoff.at) == ("wants a hotel", "Paris", told[6].at)
    [tool] = await rows(database, select(ToolCall))
    assert (tool.tool, tool.arguments, tool.output) == ("search", {"city": "Paris"}, "Ritz")
    assert (tool.is_error, tool.duration_ms) == (False, 12.5)
    said = await rows(database, select(Utterance).order_by(Utterance.sequence))
    assert [(each.agent, each.interrupted) for each in said] == [
        ("front_desk", False),
        (None, False),
        ("hotel_booking", True),
    ]
    latencies = await rows(database, select(TurnLatency.latency_ms).order_by(TurnLatency.sequence))
    assert latencies == [400, 600]
    assert await rows(database, select(Usage.response_id).order_by(Usage.sequence)) == ["r1", "r2"]
    stored = await rows(database, select(CallEvent).order_by(CallEvent.sequence))
    assert [each.event_type for each in stored] == [event.type for event in told]
    assert {each.call_sid for each in stored} == {"CA1"}


async def test_writing_again_what_is_there_changes_nothing(database):
    batch = entries(stamped(story()))
    await write(database, batch[:5])
    await write(database, batch)
    await write(database, batch)
    # Another instance's view of how far this one is does not help: the events themselves do.
    await write(database, batch, instance="i2")
    assert len(await rows(database, select(CallEvent))) == len(batch)
    assert (await call(database)).input_text_tokens == 17


async def test_an_event_of_a_type_that_nobody_knows_is_stored(database):
    fields = {"type": "brand.new", "call_id": "call_1", "sequence": 1, "what": {"deep": [1, None]}}
    await write(database, [Entry(5, fields)])
    [event] = await rows(database, select(CallEvent))
    assert (event.event_type, event.payload) == ("brand.new", fields)


async def test_numbers_that_are_taken_do_not_cost_an_event(database):
    await write(database, entries(stamped(story())))
    # A process that came later began to count anew, as it knew nothing of the call.
    await write(database, entries(stamped([UserSpeech(speaking=True)]), 1000), instance="i2")
    sequences = await rows(database, select(CallEvent.sequence).order_by(CallEvent.sequence))
    assert sequences == list(range(1, len(story()) + 2))


async def test_text_that_a_database_can_not_hold_is_stored_without_it(database):
    said = UserTranscript(item_id="u", text="a\0b\ud800c", final=True)
    await write(database, entries(stamped([said])))
    [utterance] = await rows(database, select(Utterance))
    assert utterance.text == "ab?c"


async def test_what_other_parts_of_the_service_report_is_on_the_call(database):
    facts = [
        {"type": "call.status", "status": "ringing", "to_number": "+14155550100"},
        {"type": "consent", "kind": "recording", "granted": True},
        {"type": "recording.finished", "file": "r.wav", "duration_s": 3.5, "bytes": 99},
        {"type": "data.extracted", "data": {"guests": 2}},
        {"type": "cost", "usd": 0.25},
        {"type": "call.summary", "summary": "Booked.", "intent": "hotel", "outcome": "booked"},
        {"type": "call.status", "status": "no_answer"},
        {"type": "call.status", "status": "ringing"},
    ]
    await write(
        database,
        [
            Entry(n, {**fact, "call_id": "call_1", "sequence": n, "at": START.isoformat()})
            for n, fact in enumerate(facts, 1)
        ],
    )
    record = await call(database)
    assert (record.status, record.direction) == ("no_answer", "outbound")
    assert record.to_number == "+14155550100"
    assert (record.recording_file, record.recording_duration_s, record.recording_bytes) == (
        "r.wav",
        3.5,
        99,
    )
    assert (record.data, record.cost_usd) == ({"guests": 2}, 0.25)
    assert (record.summary, record.intent, record.outcome) == ("Booked.", "hotel", "booked")
    assert record.ended_at == START


async def test_a_call_taken_for_lost_that_goes_on_ends_as_it_ended(database):
    begun, lost = stamped(
        [CallStarted(team="t", channel="mic"), CallEnded(reason="lost", duration_s=1)]
    )
    await write(database, entries([begun]))
    await write(database, entries([lost], 50), instance="other")
    assert (await call(database)).status == "failed"
    ended = stamped([CallEnded(reason="agent", duration_s=9)], after=1)
    await write(database, entries(ended, 2))
    record = await call(database)
    assert (record.status, record.reason, record.duration_s) == ("completed", "agent", 9)
    assert await rows(database, select(func.count(CallEvent.id))) == [3]
