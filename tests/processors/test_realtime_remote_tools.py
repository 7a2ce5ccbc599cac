"""Tools of MCP servers that the model's server calls by itself."""

import asyncio

from processors.events.calls import Problem
from processors.events.tools import ToolCalled, ToolFinished
from processors.realtime.policy import CallPolicy
from tests.processors.fake_realtime import new_id
from tests.processors.realtime_call import RealtimeCall, settle

VIRTUAL_TIME = True

PATIENT = CallPolicy(idle_s=None, answer_s=6, remote_tool_s=5)


def texts(server):
    items = [event["item"] for event in server.of_kind("conversation.item.create")]
    return [i["content"][0]["text"] for i in items if i["type"] == "message"]


def begin(server, item_id=None):
    call = {
        "id": item_id or new_id("mcp"),
        "type": "mcp_call",
        "server_label": "post",
        "name": "track",
        "arguments": "",
    }
    server.emit("response.output_item.added", response_id=server.active, item=call)
    server.add_item(call)
    return call


def run(server, call, arguments='{"id": 7}'):
    where = {"response_id": server.active, "item_id": call["id"], "output_index": 0}
    server.emit("response.mcp_call_arguments.done", **where, arguments=arguments)
    server.emit("response.mcp_call.in_progress", item_id=call["id"], output_index=0)


def end(server, call, **outcome):
    kind = "failed" if "error" in outcome else "completed"
    done = {**call, "arguments": '{"id": 7}', **outcome}
    server.emit(f"response.mcp_call.{kind}", item_id=call["id"], output_index=0)
    server.emit("response.output_item.done", response_id=server.active, item=done)
    server.emit("conversation.item.done", item=done, previous_item_id=None)


def ask(server, label="post"):
    request = {
        "id": new_id("mcpr"),
        "type": "mcp_approval_request",
        "server_label": label,
        "name": "send_back",
        "arguments": '{"id": 7}',
    }
    server.emit("response.output_item.added", response_id=server.active, item=request)
    server.add_item(request)
    server.emit("response.output_item.done", response_id=server.active, item=request)
    server.emit("conversation.item.done", item=request, previous_item_id=None)
    server.finish()
    return request["id"]


def approvals(server):
    items = [event["item"] for event in server.of_kind("conversation.item.create")]
    return [
        (i["approval_request_id"], i["approve"])
        for i in items
        if i["type"] == "mcp_approval_response"
    ]


async def test_a_remote_call_is_shown_as_any_other():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        await settle()
        (called,) = call.of(ToolCalled)
        assert (called.tool, called.arguments) == ("post.track", {"id": 7})
        assert not call.of(ToolFinished)
        end(server, made, output="In Lyon.")
        await settle()

        (finished,) = call.of(ToolFinished)
        assert finished.tool_call_id == called.tool_call_id == made["id"]
        assert (finished.output, finished.is_error) == ("In Lyon.", False)


async def test_one_that_fails_says_why():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        end(server, made, error={"type": "http_error", "code": 503, "message": "closed"})
        await settle()
        assert [(f.output, f.is_error) for f in call.of(ToolFinished)] == [("closed", True)]


async def test_one_that_fails_without_a_word_is_finished_all_the_same():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        server.emit("response.mcp_call.failed", item_id=made["id"], output_index=0)
        await asyncio.sleep(2)
        assert [f.is_error for f in call.of(ToolFinished)] == [True]


async def test_its_answer_is_told_to_the_next_session_in_words():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server, "mcp_" + "0123456789" * 5)
        run(server, made)
        end(server, made, output="In Lyon.")
        server.say("It is in Lyon.", 100)
        server.finish()
        await settle()
        call.hear(100)
        server.lose()
        heir = await call.fake.connection(1)
        await settle()

        assert texts(heir) == [
            "Hello.",
            "where is my parcel",
            'You called the tool post.track with {"id": 7}. It answered: In Lyon.',
            "It is in Lyon.",
        ]
        items = [event["item"] for event in heir.of_kind("conversation.item.create")]
        assert all(len(item["id"]) <= 32 for item in items)
        assert items[2]["role"] == "system"


async def test_the_answer_is_asked_for_where_the_server_does_not_go_on():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        end(server, made, output="In Lyon.")
        server.finish(output=[made])
        await server.asked_to_respond()
        server.finish()
        await asyncio.sleep(30)
        assert len(server.of_kind("response.create")) == 2


async def test_the_answer_is_not_asked_for_where_the_server_goes_on():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        end(server, made, output="In Lyon.")
        server.finish(output=[made])
        server.begin_response()
        server.say("It is in Lyon.", 100)
        await asyncio.sleep(2)
        server.finish()
        await asyncio.sleep(30)
        assert len(server.of_kind("response.create")) == 1


async def test_an_answer_in_the_same_response_is_enough():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        end(server, made, output="In Lyon.")
        item_id = server.say("It is in Lyon.", 100)
        server.finish(output=[made, {"id": item_id, "type": "message"}])
        await asyncio.sleep(30)
        assert len(server.of_kind("response.create")) == 1


async def test_the_answer_to_a_call_that_outlasts_its_response_is_asked_for():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        server.finish(output=[made])
        await asyncio.sleep(5)
        assert len(server.of_kind("response.create")) == 1
        server.emit("conversation.item.done", item={**made, "output": "In Lyon."})
        await server.asked_to_respond()


async def test_a_call_without_end_is_given_up_and_the_caller_is_told():
    async with RealtimeCall(policy=PATIENT) as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        given_up = server.active
        told = await server.asked_to_respond()

        assert [e["response_id"] for e in server.of_kind("response.cancel")] == [given_up]
        assert "can't find that out" in told["instructions"]
        assert [(f.output, f.is_error) for f in call.of(ToolFinished)] == [
            ("There was no answer within 5 s.", True)
        ]
        server.say("I'm sorry.", 100)
        server.finish()
        end(server, made, output="In Lyon.")
        await asyncio.sleep(30)
        assert len(call.of(ToolFinished)) == 1
        assert len(server.of_kind("response.create")) == 2
        assert not call.of(Problem)


async def test_one_whose_session_does_nothing_else_either_is_told_in_the_next():
    async with RealtimeCall(policy=PATIENT) as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        run(server, begin(server))
        await settle()
        server.acknowledges = False
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        assert texts(heir)[-1].endswith("It failed: There was no answer within 5 s.")


async def test_a_caller_who_speaks_meanwhile_is_listened_to():
    async with RealtimeCall(policy=PATIENT) as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        run(server, begin(server))
        server.finish()
        await asyncio.sleep(4)
        turn = server.caller_starts()
        await asyncio.sleep(20)
        server.caller_stops(turn)
        server.transcribe(turn, "never mind")
        server.begin_response()
        server.say("Well.", 100)
        server.finish()
        await asyncio.sleep(30)
        assert len(call.fake.connections) == 1
        assert len(server.of_kind("response.create")) == 1


async def test_a_call_that_runs_is_no_silence():
    policy = CallPolicy(idle_s=3, answer_s=None, remote_tool_s=20)
    async with RealtimeCall(policy=policy) as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        made = begin(server)
        run(server, made)
        server.finish()
        await asyncio.sleep(15)
        assert len(server.of_kind("response.create")) == 1


async def test_a_call_ends_with_its_session():
    async with RealtimeCall(policy=PATIENT) as call:
        server = await call.greeted()
        server.caller_says("where is my parcel")
        run(server, begin(server))
        server.finish()
        await settle()
        server.lose()
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        heir.say("It is in Lyon.", 100)
        heir.finish()
        await asyncio.sleep(30)
        assert [f.is_error for f in call.of(ToolFinished)] == [True]
        assert len(heir.of_kind("response.create")) == 1


async def test_a_request_for_approval_is_denied_and_the_caller_is_told():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("send it back")
        request = ask(server)
        told = await server.asked_to_respond()

        assert approvals(server) == [(request, False)]
        assert "not allowed" in told["instructions"]
        assert [c.tool for c in call.of(ToolCalled)] == ["post.send_back"]
        assert [f.is_error for f in call.of(ToolFinished)] == [True]


async def test_a_server_that_is_permitted_is_approved():
    policy = CallPolicy(permitted_servers=frozenset({"post"}), idle_s=None, answer_s=None)
    async with RealtimeCall(policy=policy) as call:
        server = await call.greeted()
        server.caller_says("send it back")
        request = ask(server)
        await settle()
        assert approvals(server) == [(request, True)]
        assert not call.of(ToolFinished)
        assert "instructions" not in await server.asked_to_respond()


async def test_tools_that_can_not_be_listed_are_a_problem_and_no_more():
    async with RealtimeCall() as call:
        server = await call.greeted()
        listing = {"id": "l1", "type": "mcp_list_tools", "server_label": "post", "tools": []}
        server.add_item(listing)
        server.emit("mcp_list_tools.in_progress", item_id="l1")
        server.emit("mcp_list_tools.failed", item_id="l1")
        tools = [{"name": "track", "input_schema": {}}]
        server.emit("conversation.item.done", item={**listing, "id": "l2", "tools": tools})
        server.caller_says("hello")
        await settle()

        assert [(p.code, p.fatal) for p in call.of(Problem)] == [
            ("remote_tools_unavailable", False)
        ]
        server.lose()
        heir = await call.fake.connection(1)
        await settle()
        assert texts(heir) == ["Hello.", "hello"], "a session lists tools by itself"
