from processors.realtime.history import History
from processors.realtime.items import CallItem, Message
from processors.realtime.server_events import FunctionCall, ItemAdded


def spoken(item_id, role="user"):
    content = [{"type": "input_audio", "transcript": None}] if role == "user" else []
    return {"id": item_id, "type": "message", "role": role, "content": content}


def texts(history):
    return [item["content"][0]["text"] for item in history.seed() if item["type"] == "message"]


def test_order_is_that_of_the_items_not_of_their_words():
    history = History()
    history.added(ItemAdded(spoken("u1"), None))
    history.added(ItemAdded(spoken("a1", "assistant"), "u1"))
    history.agent_said("a1", "Hello.")
    history.caller_said("u1", "hi")
    assert texts(history) == ["hi", "Hello."]


def test_an_item_goes_behind_the_one_that_the_server_names():
    history = History()
    for item_id, previous in (("a", None), ("c", "a"), ("b", "a")):
        history.added(ItemAdded(spoken(item_id), previous))
    assert [item.id for item in history.items] == ["a", "b", "c"]


def test_what_we_add_moves_to_where_the_server_put_it():
    history = History()
    history.added(ItemAdded(spoken("u1"), None))
    output = history.answered("call_1", "done")
    history.added(ItemAdded(spoken("u2"), "u1"))
    wire = {"id": output.id, "type": "function_call_output"}
    history.added(ItemAdded(wire, "u2"))
    assert [item.id for item in history.items] == ["u1", "u2", output.id]


def test_replayed_items_do_not_move():
    history = History()
    history.added(ItemAdded(spoken("u1"), None))
    history.added(ItemAdded({"id": "x", "type": "mcp_list_tools"}, "u1"))
    history.added(ItemAdded(spoken("a1", "assistant"), "x"))
    history.added(ItemAdded(spoken("a1", "assistant"), "u1"))
    assert [item.id for item in history.items] == ["u1", "x", "a1"]


def test_words_that_come_before_their_item_are_kept():
    history = History()
    history.caller_said("u1", "hi")
    history.added(ItemAdded(spoken("u1"), None))
    assert texts(history) == ["hi"]


def test_turns_without_words_are_not_replayed():
    history = History()
    for item_id in ("u1", "u2"):
        history.added(ItemAdded(spoken(item_id), None))
    history.caller_said("u1", " ")
    assert history.untranscribed == ["u2"]
    assert history.seed() == []


def test_of_an_interrupted_reply_what_was_heard_is_replayed():
    history = History()
    history.agent_said("a1", "one two three four")
    history.agent_said("a1", "one two", is_cut=True)
    assert texts(history) == ["one two"]
    (message,) = history.items
    assert isinstance(message, Message)
    assert message.is_cut


def test_calls_are_replayed_only_once_they_run():
    history = History()
    call = FunctionCall("f1", "call_1", "search", '{"city":"Paris"}', is_complete=True)
    history.added(ItemAdded({"id": "f1", "type": "function_call"}, None))
    assert history.seed() == []
    history.calling(call)
    history.answered("call_1", "three hotels")
    wanted, output = history.seed()
    assert (wanted["id"], wanted["name"], wanted["arguments"]) == (
        "f1",
        "search",
        '{"city":"Paris"}',
    )
    assert (output["call_id"], output["output"]) == ("call_1", "three hotels")
    assert isinstance(history.items[0], CallItem)


def test_notes_for_one_agent_do_not_reach_the_next():
    history = History()
    history.wrote("system", "You take over.", is_note=True)
    history.wrote("system", "The caller is a member.")
    history.drop_notes()
    assert texts(history) == ["The caller is a member."]


def test_removed_items_are_gone():
    history = History()
    history.added(ItemAdded(spoken("u1"), None))
    history.removed("u1")
    assert history.items == ()


def test_ids_that_we_make_fit_the_api():
    history = History()
    assert all(len(history.wrote("user", "x").id) <= 32 for _ in range(3))
