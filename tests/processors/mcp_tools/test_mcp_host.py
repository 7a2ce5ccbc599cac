"""The MCP host over HTTP: what is offered, how it runs, how servers die and come back."""

import asyncio
import json

import pytest
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent

from processors.mcp_tools import McpHost, ServerState
from tests.processors.mcp_tools.tool_server import (
    READS,
    Caller,
    Counter,
    Uvicorn,
    handshake_only,
    hosting,
    http_app,
    until,
    until_state,
)

NOWHERE = "http://127.0.0.1:9/mcp"


async def test_tools_are_offered_with_what_the_model_must_know(served):
    async with hosting({"counter": served.url}) as host:
        tools = {tool.name: tool for tool in host.tools(["counter"])}
    assert set(tools) == {"look", "put", "add"}
    assert tools["look"].description == "Do something that can be counted."
    assert tools["add"].description == (
        "Do something that can be counted. Changes data: ask the caller to confirm before calling."
    )
    assert [(tool.read_only, tool.idempotent) for tool in tools.values()] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert tools["look"].parameters == {
        "type": "object",
        "properties": {"what": {"type": "string", "default": ""}},
    }


async def test_only_allowed_tools_are_offered(served):
    async with hosting({"counter": served.url}) as host:
        assert [tool.name for tool in host.tools(["counter"], ["look"])] == ["look"]
        assert host.tools(["counter"], []) == []


async def test_tools_of_two_servers_with_one_name_are_told_apart_and_reach_their_own(served):
    other = Counter()
    http = Uvicorn()
    await http.start(http_app(other.server))
    try:
        async with hosting({"one": served.url, "two": http.url}) as host:
            caller = Caller(host)
            names = [tool.name for tool in host.tools(["one", "two"], ["look"])]
            assert names == ["one_look", "two_look"]
            assert [tool.name for tool in host.tools(["two"], ["look"])] == ["look"]
            await caller.run(caller.tool("two_look", "one", "two"))
            assert other.runs == ["look"]
    finally:
        await http.stop()


async def test_a_server_that_was_never_configured_is_a_mistake_not_an_outage(served):
    async with hosting({"counter": served.url}) as host:
        with pytest.raises(ValueError, match=r"no tool server 'countr'.*counter"):
            host.tools(["countr"])


def test_limits_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="timeout_s is 0"):
        McpHost({}, timeout_s=0)


async def test_a_dead_server_delays_nothing_and_takes_only_its_own_tools(served, warnings):
    async with hosting({"dead": NOWHERE, "counter": served.url}) as host:
        assert {tool.name for tool in host.tools(["dead", "counter"])} == {"look", "put", "add"}
        status = host.status()
        assert status["dead"].state is ServerState.DOWN
        assert status["dead"].problem
        assert status["counter"].state is ServerState.UP
    assert [line for line in warnings if "dead can't be reached" in line]


async def test_a_server_that_starts_later_is_found(counter):
    http = Uvicorn()
    await http.stop()
    async with hosting({"counter": http.url}) as host:
        assert host.tools(["counter"]) == []
        await http.start(http_app(counter.server))
        await until_state(host, "counter", ServerState.UP)
        assert len(host.tools(["counter"])) == 3
    await http.stop()


async def test_a_server_that_dies_in_silence_is_noticed_and_comes_back(wire, warnings):
    async with hosting({"counter": wire.url}, refresh_s=0.05) as host:
        await wire.cut()
        await until_state(host, "counter", ServerState.DOWN)
        assert host.tools(["counter"]) == []
        await wire.mend()
        await until_state(host, "counter", ServerState.UP)
        assert len(host.tools(["counter"])) == 3
    assert len([line for line in warnings if "can't be reached" in line]) == 1, "one per outage"


async def test_a_call_that_finds_its_server_away_runs_once_when_it_is_back(counter, wire):
    async with hosting({"counter": wire.url}) as host:
        caller = Caller(host)
        add = caller.tool("add")
        await wire.cut()
        running = caller.run(add, what="one")
        await until_state(host, "counter", ServerState.DOWN)
        await wire.mend()
        assert (await running).output == '{"result":"add one"}'
        assert counter.runs == ["add"]


async def test_a_call_whose_server_stays_away_says_that_nothing_happened(counter, wire):
    async with hosting({"counter": wire.url}, timeout_s=0.3) as host:
        caller = Caller(host)
        add = caller.tool("add")
        await wire.cut()
        result = await caller.run(add)
    assert result.is_error
    assert "Nothing was changed" in result.output
    assert counter.runs == []


async def test_a_write_that_was_cut_off_is_never_run_again(counter, wire):
    counter.go_on.clear()
    async with hosting({"counter": wire.url}) as host:
        caller = Caller(host)
        running = caller.run(caller.tool("add"))
        await counter.until_running(1)
        await wire.cut()
        await wire.mend()
        result = await running
        assert result.is_error
        assert "outcome of add is unknown" in json.loads(result.output)["error"]
        counter.go_on.set()
        await until_state(host, "counter", ServerState.UP)
        await caller.run(caller.tool("look"))
    assert counter.runs == ["add", "look"]


@pytest.mark.parametrize("name", ["look", "put"])
async def test_what_may_run_twice_is_run_again_after_a_cut(counter, wire, name):
    counter.go_on.clear()
    async with hosting({"counter": wire.url}) as host:
        caller = Caller(host)
        running = caller.run(caller.tool(name), what="there")
        await counter.until_running(1)
        await wire.cut()
        counter.go_on.set()
        await wire.mend()
        result = await running
    assert (result.output, result.is_error) == (f'{{"result":"{name} there"}}', False)
    assert counter.runs == [name, name]


@pytest.mark.parametrize(
    ("name", "said"),
    [("look", "look did not answer in time"), ("add", "outcome of add is unknown")],
)
async def test_a_tool_that_takes_too_long_is_not_waited_for(counter, served, name, said):
    counter.go_on.clear()
    async with hosting({"counter": served.url}, timeout_s=0.2) as host:
        caller = Caller(host)
        result = await caller.run(caller.tool(name))
        assert result.is_error
        assert said in result.output
        counter.go_on.set()
        assert not (await caller.run(caller.tool("look"))).is_error, "the connection lives"
    assert counter.runs == [name, "look"]


async def test_one_slow_call_does_not_hold_up_another(counter, served):
    counter.go_on.clear()
    async with hosting({"counter": served.url}) as host:
        slow = Caller(host, "call-1")
        held = slow.run(slow.tool("look"))
        await counter.until_running(1)
        counter.go_on.set()
        other = Caller(host, "call-2")
        assert not (await other.run(other.tool("put"))).is_error
        await held


async def test_a_phone_call_runs_no_more_than_its_share_at_once(counter, served):
    counter.go_on.clear()
    async with hosting({"counter": served.url}, per_call_limit=2) as host:
        caller = Caller(host)
        tools = [caller.run(caller.tool("look"), what=str(number)) for number in range(5)]
        await counter.until_running(2)
        other = Caller(host, "call-2")
        another = other.run(other.tool("put"))
        await counter.until_running(3)
        assert sorted(counter.runs) == ["look", "look", "put"], "the other call has its own share"
        counter.go_on.set()
        results = await asyncio.gather(*tools, another)
    assert not any(result.is_error for result in results)
    assert len(counter.runs) == 6


async def test_twenty_calls_share_one_connection_to_a_server(counter, served):
    async with hosting({"counter": served.url}) as host:
        callers = [Caller(host, f"call-{number}") for number in range(20)]
        results = await asyncio.gather(*(c.run(c.tool("look"), what="x") for c in callers))
    assert [result.output for result in results] == ['{"result":"look x"}'] * 20


async def test_results_of_read_only_tools_are_used_again_until_something_changes(counter, served):
    async with hosting({"counter": served.url}, cache_s=60) as host:
        caller = Caller(host)
        look, put = caller.tool("look"), caller.tool("put")
        assert (await caller.run(look, what="a")) == (await caller.run(look, what="a"))
        await caller.run(look, what="b")
        assert counter.runs == ["look", "look"]
        await caller.run(put)
        await caller.run(look, what="a")
        assert counter.runs == ["look", "look", "put", "look"]


async def test_without_a_cache_every_call_runs(counter, served):
    async with hosting({"counter": served.url}) as host:
        caller = Caller(host)
        for _ in range(2):
            await caller.run(caller.tool("look"), what="a")
    assert counter.runs == ["look", "look"]


async def test_a_session_that_a_restart_lost_is_opened_again(counter, warnings):
    """A server of before 2026 forgets its sessions when it restarts."""
    http = Uvicorn()
    await http.start(handshake_only(http_app(counter.server)))
    async with hosting({"counter": http.url}) as host:
        caller = Caller(host)
        add = caller.tool("add")
        assert not (await caller.run(add)).is_error
        await http.stop()
        restarted = Counter()
        await http.start(handshake_only(http_app(restarted.server)))
        result = await caller.run(add, what="again")
        assert (result.output, result.is_error) == ('{"result":"add again"}', False)
        assert restarted.runs == ["add"]
    await http.stop()


async def test_new_tools_of_a_server_are_found(counter, served):
    async with hosting({"counter": served.url}, refresh_s=0.05) as host:
        counter.server.remove_tool("put")
        await until(host, lambda: len(host.tools(["counter"])) == 2)
        assert {tool.name for tool in host.tools(["counter"])} == {"look", "add"}


@pytest.fixture
async def odd():
    """A server whose tools answer in unusual ways."""
    server = MCPServer("odd")

    @server.tool(annotations=READS)
    async def refuse() -> str:
        """Fail in a foreseen way."""
        raise ToolError("No rooms left.")

    @server.tool(annotations=READS)
    async def crash() -> str:
        """Fail in an unforeseen way."""
        raise ValueError("secret")

    @server.tool(annotations=READS)
    async def huge() -> dict[str, list[str]]:
        """Answer with far too much."""
        return {"rows": ["row " * 20] * 2000}

    @server.tool()
    async def lie() -> CallToolResult:
        """Answer without annotations, in text and data."""
        return CallToolResult(
            content=[TextContent(type="text", text="text")], structured_content={"a": "ü"}
        )

    http = Uvicorn()
    await http.start(http_app(server))
    yield http.url
    await http.stop()


async def test_what_a_tool_says_reaches_the_model(odd):
    async with hosting({"odd": odd}) as host:
        caller = Caller(host)
        refused = await caller.run(caller.tool("refuse"))
        assert (refused.output, refused.is_error) == ('{"error":"No rooms left."}', True)
        crashed = await caller.run(caller.tool("crash"))
        assert crashed.is_error
        assert "secret" not in crashed.output
        huge = await caller.run(caller.tool("huge"))
        assert len(huge.output) <= 12_000
        assert json.loads(huge.output)["cut"].startswith("shortened from")
        assert (await caller.run(caller.tool("lie"))).output == '{"a":"ü"}'
        assert not caller.tool("lie").read_only
        assert caller.tool("lie").destructive, "what a tool does not say is assumed"


async def test_arguments_that_the_server_refuses_are_explained(counter, served):
    async with hosting({"counter": served.url}) as host:
        caller = Caller(host)
        result = await caller.run(caller.tool("look"), what=["no", "text"])
    assert result.is_error
    assert "what" in result.output
    assert counter.runs == []


async def test_closing_ends_what_is_under_way_and_leaves_nothing(counter, served):
    counter.go_on.clear()
    before = asyncio.all_tasks()
    async with hosting({"counter": served.url}) as host:
        caller = Caller(host)
        running = caller.run(caller.tool("add"))
        await counter.until_running(1)
    result = await running
    assert result.is_error
    assert host.status()["counter"].state is ServerState.CLOSED
    assert host.tools(["counter"]) == []
    ours = {task for task in asyncio.all_tasks() - before if "tool-server" in task.get_name()}
    assert ours == set()
