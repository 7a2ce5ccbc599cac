"""The spool: what was appended outlives the process, in order, within its limit."""

import os

import pytest

from bot.records.entries import GAP, Entry
from bot.records.spool import Spool

LIMIT = 1_000_000


def entry(position, kind="usage", call_id="call_1", **fields):
    return Entry(position, {"type": kind, "call_id": call_id, "sequence": position, **fields})


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "spool" / "i1"


@pytest.fixture
def opened(folder):
    spools = []

    def open_one(limit=LIMIT, **options):
        spool = Spool(folder, limit_bytes=limit, **options)
        assert spool.open()
        spools.append(spool)
        return spool

    yield open_one
    for spool in spools:
        spool.close()


def abandon(spool):
    """What the end of a process does to a spool: nothing but closing its files."""
    os.close(spool._lock)
    spool._lock = None


def test_what_was_appended_is_read_in_order_by_the_next_process(opened):
    before = opened(segment_bytes=200)
    for position in range(1, 20):
        before.append([entry(position)])
    abandon(before)
    after = opened()
    assert [each.position for each in after.read(100)] == list(range(1, 20))
    assert after.read(100) == []


def test_half_a_line_is_no_entry(opened, folder):
    before = opened()
    before.append([entry(1), entry(2)])
    abandon(before)
    [segment] = folder.glob("*.jsonl")
    segment.write_bytes(segment.read_bytes()[:-5])
    after = opened()
    after.append([entry(3)])
    assert [each.position for each in after.read(100)] == [1, 3]


def test_a_damaged_line_costs_itself_only(opened, folder):
    before = opened()
    before.append([entry(1), entry(2), entry(3)])
    abandon(before)
    [segment] = folder.glob("*.jsonl")
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(lines[0] + b"\xff{]\n" + lines[2])
    assert [each.position for each in opened().read(100)] == [1, 3]


def test_what_is_in_the_database_leaves_nothing_on_disk(opened, folder):
    spool = opened(segment_bytes=200)
    for position in range(1, 20):
        spool.append([entry(position, text="a secret")])
    assert len(spool.read(100)) == 19
    spool.forget(19)
    assert spool.is_empty
    assert not any(b"secret" in path.read_bytes() for path in folder.iterdir())
    spool.append([entry(20)])
    assert [each.position for each in spool.read(100)] == [20]
    spool.forget(20)
    spool.close()
    assert not folder.exists()


def test_what_is_not_in_the_database_stays_when_the_process_ends(opened):
    spool = opened()
    spool.append([entry(1), entry(2)])
    spool.read(1)
    spool.forget(1)
    spool.close()
    assert [each.position for each in opened().read(10)] == [1, 2]


def test_after_a_failure_the_same_is_read_again(opened):
    spool = opened()
    spool.append([entry(1), entry(2)])
    spool.read(2)
    spool.rewind()
    assert [each.position for each in spool.read(5)] == [1, 2]


def test_a_spool_belongs_to_one_process(opened, folder):
    opened()
    assert not Spool(folder, limit_bytes=LIMIT).open()


def test_a_full_spool_gives_up_what_matters_least_and_says_so(opened):
    spool = opened(limit=20_000)
    position = 0
    for number in range(400):
        for kind in ("user.speech", "user.transcript"):
            position += 1
            spool.append([entry(position, kind, call_id=f"call_{number % 2}", text="x" * 10)])
        assert spool.size <= 20_000 + 200
    kept = spool.read(10_000)
    assert [each.position for each in kept] == sorted(each.position for each in kept)
    speech = [each.position for each in kept if each.type == "user.speech"]
    said = [each.position for each in kept if each.type == "user.transcript"]
    missed = sum(each.fields["count"] for each in kept if each.type == GAP)
    assert len(speech) + len(said) + missed == position
    assert len(said) > 2 * len(speech)
    assert min(speech) > min(said)
    assert {each.call_id for each in kept if each.type == GAP} == {"call_0", "call_1"}


def test_that_a_call_was_and_how_it_ended_goes_last(opened):
    spool = opened(limit=20_000)
    spool.append([entry(1, "call.started")])
    for position in range(2, 600):
        spool.append([entry(position, "tool.finished", output="x" * 100)])
    kept = spool.read(10_000)
    assert kept[0].type == "call.started"
    assert kept[-1].position == 599


def test_a_disk_that_refuses_leaves_the_spool_whole(opened, monkeypatch):
    spool = opened()
    spool.append([entry(1)])
    write = os.write

    def full(descriptor, data):
        write(descriptor, data[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        spool.append([entry(2)])
    monkeypatch.undo()
    spool.append([entry(2)])
    assert [each.position for each in spool.read(10)] == [1, 2]
