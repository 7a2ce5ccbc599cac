from processors.realtime.items import CallItem, Message, OutputItem, UnknownItem
from processors.realtime.replay import Summary, newest, replay, tokens_of
from processors.realtime.server_events import FunctionCall

WORDS = "w" * 64
COST = 4 + 64 // 4


def said(item_id, role="user", text=WORDS, **flags):
    return Message(item_id, role, text, **flags)


def call(item_id, call_id):
    return CallItem(item_id, FunctionCall(item_id, call_id, "search", "{}", is_complete=True))


def ids(wires):
    return [wire["id"] for wire in wires]


def test_tokens_are_a_quarter_of_the_bytes_and_something_for_the_item():
    assert tokens_of(said("a")) == COST
    assert tokens_of(said("a", text="日本語")) == 4 + 3
    assert tokens_of(call("f", "c")) == 4 + 2
    assert tokens_of(OutputItem("o", "c", "x" * 40)) == 4 + 10
    assert tokens_of(said("a", text=None)) == tokens_of(UnknownItem("x")) == 0


def test_what_fits_is_replayed_as_it_is():
    items = [said("a"), said("b"), said("c")]
    assert ids(replay(items, None, 3 * COST)) == ["a", "b", "c"]


def test_of_what_does_not_fit_the_newest_is_replayed_after_a_note():
    items = [said("a"), said("b"), said("c"), said("d")]
    note, *rest = replay(items, None, 2 * COST)
    assert ids(rest) == ["c", "d"]
    assert note["role"] == "system"
    assert "2 older items" in note["content"][0]["text"]


def test_a_summary_takes_the_place_of_what_it_covers():
    summary = Summary(said("s", "system", "Summary"), frozenset({"a", "b"}))
    items = [said("a"), said("b"), said("c"), said("d")]
    assert ids(replay(items, summary, 3 * COST)) == ["s", "c", "d"]


def test_what_neither_fits_nor_is_summarised_is_noted():
    summary = Summary(said("s", "system"), frozenset({"a"}))
    items = [said("a"), said("b"), said("c"), said("d")]
    first, note, *rest = replay(items, summary, 3 * COST)
    assert first["id"] == "s"
    assert "1 older items" in note["content"][0]["text"]
    assert ids(rest) == ["c", "d"]


def test_a_call_is_never_without_its_output():
    pair = [call("f", "c1"), OutputItem("o", "c1", "x" * 24)]
    after = [said("b")]
    assert newest([said("a"), *pair, *after], COST + 16) == {"f", "o", "b"}
    assert newest([said("a"), *pair, *after], COST + 15) == {"b"}


def test_a_call_stays_with_an_output_that_came_much_later():
    items = [call("f", "c1"), *[said(f"a{i}") for i in range(5)], OutputItem("o", "c1", "x" * 24)]
    assert newest(items, 16 + COST) == {"f", "o", "a4"}


def test_a_call_that_still_runs_is_replayed_whatever_its_age():
    items = [call("f", "c1"), said("a"), said("b")]
    assert ids(replay(items, None, COST + 6))[1:] == ["f", "b"]


def test_what_the_agent_must_know_is_replayed_whatever_its_age():
    items = [said("n", "system", "You take over.", is_note=True), said("a"), said("b")]
    assert newest(items, COST + 8) == {"n", "b"}


def test_the_newest_item_is_replayed_however_long_it_is():
    items = [said("a"), said("b", text="w" * 4000)]
    assert newest(items, 100) == {"b"}


def test_a_long_output_is_cut_in_a_replay():
    items = [call("f", "c1"), OutputItem("o", "c1", "é" * 4000), said("a")]
    replayed = replay(items, None, 400)
    assert ids(replayed) == ["f", "o", "a"]
    output = replayed[1]["output"]
    assert output == "é" * 200 + " … (cut off here)"
