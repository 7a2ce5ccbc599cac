"""Readers of what comes from outside: the right error for anything, and never another one."""

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agents import load_team
from bot.outbound.rules import RefusedCallError
from bot.outbound.states import read_status
from bot.outbound.wishes import CallRequest, plan_of
from bot.records.entries import Entry
from bot.records.reading import Place
from bot.records.spool import Spool
from bot.settings import Settings, describe
from bot.stream_tokens import StreamTokenError, StreamTokens
from bot.transports.media_streams import StreamError, StreamReader
from tests.hardening.garbage import RAW

FIELDS = sorted(Settings.model_fields)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["0", "-1", "1e400", "nan", "inf", "::", "a:b:c", ",", "=", "http://[", "ws://:99999", "٣"]
    ),
)


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(FIELDS), value=TEXTS)
def test_a_setting_is_used_or_refused_with_a_line_about_it(name, value):
    try:
        Settings(_env_file=None, **{name: value})
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            assert describe(error).startswith(str(error["loc"][0]).upper())


@settings(max_examples=200, deadline=None)
@given(to=st.text(max_size=20) | st.from_regex(r"\+?[0-9 ()-]{0,18}", fullmatch=True), team=TEXTS)
def test_a_wish_is_a_plan_or_refused(to, team):
    def named(_name):
        return load_team("travel")

    with suppress(ValidationError, RefusedCallError):
        plan_of(CallRequest(to=to, team=team), Settings(_env_file=None), named)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@example("9" * 5000)
def test_a_state_that_the_carrier_reports_is_known_or_none(text):
    assert read_status(text) is None or isinstance(read_status(text), str)


@settings(max_examples=300)
@given(st.text(max_size=200))
@example("=")
@example("é" * 9)
def test_the_place_in_a_list_is_read_or_refused(text):
    with suppress(ValueError):
        assert isinstance(Place.read(text), Place)


@given(st.datetimes(timezones=st.just(UTC)), st.from_regex(r"call_[0-9a-f]{32}", fullmatch=True))
def test_a_place_is_read_as_it_was_written(moment: datetime, call_id: str):
    assert Place.read(Place(moment, call_id).written()) == Place(moment, call_id)


@given(st.text(max_size=500), st.text(max_size=60))
@example("\ud800", "call")
@example("a.b.c", "call")
def test_a_forged_token_is_a_token_error(token, call_id):
    with pytest.raises(StreamTokenError):
        StreamTokens("k" * 32).redeem(token, call_id=call_id, provider_call_id="CA1")


@settings(max_examples=300)
@given(st.lists(RAW, max_size=3))
def test_a_message_of_a_stream_is_read_or_a_stream_error(messages):
    reader = StreamReader()
    for message in messages:
        with suppress(StreamError):
            reader.read(message)


EVENTS = 40


def spooled(folder: Path) -> None:
    spool = Spool(folder, limit_bytes=1_000_000, segment_bytes=800)
    assert spool.open()
    for position in range(1, EVENTS + 1):
        fields = {"type": "usage", "call_id": "call_1", "sequence": position}
        spool.append([Entry(position, fields)])
    os.close(spool._lock)  # what the end of a process does
    spool._lock = None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_spool_opens_and_gives_what_is_whole(data):
    with TemporaryDirectory() as name:
        folder = Path(name) / "i1"
        spooled(folder)
        path = data.draw(st.sampled_from(sorted(folder.glob("*.jsonl"))))
        content = bytearray(path.read_bytes())
        damage = data.draw(st.sampled_from(["flip", "cut", "fill", "empty", "remove"]))
        lines = content.count(b"\n")
        if damage == "flip":
            flips = data.draw(
                st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 7)), max_size=5)
            )
            for place, bit in flips:
                content[place] ^= 1 << bit
            lost = 2 * len(flips)  # a line's end that is gone takes the next one with it
        elif damage == "cut":
            del content[data.draw(st.integers(0, len(content))) :]
            lost = lines
        elif damage == "fill":
            content += data.draw(st.binary(max_size=200))
            lost = 0
        else:
            content.clear()
            lost = lines
        path.write_bytes(content)
        if damage == "remove":
            path.unlink()
        spool = Spool(folder, limit_bytes=1_000_000)
        assert spool.open()
        found = spool.read(10 * EVENTS)
        spool.append([Entry(10_000, {"type": "usage", "call_id": "call_1"})])
        assert [entry.position for entry in spool.read(10)][-1:] == [10_000]
        spool.close()
        assert len(found) >= EVENTS - lost
        shutil.rmtree(folder)
