"""The small parts of the MCP host: names, results, slots, kept results, HTTP failures."""

import asyncio
import json
import re
import ssl

import httpx2
import pytest
from mcp_types import (
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
    Tool,
    ToolAnnotations,
)

from processors.mcp_tools import transport
from processors.mcp_tools.limits import CallSlots, ReadCache
from processors.mcp_tools.names import function_names
from processors.mcp_tools.results import MAX_OUTPUT_CHARS, tool_result
from processors.mcp_tools.specs import CONFIRM, tool_specs
from processors.tools import ToolResult


@pytest.mark.parametrize(
    ("tools", "names"),
    [
        ([("a", "search-hotel"), ("b", "cancel")], ["search-hotel", "cancel"]),
        ([("a", "search"), ("b", "search"), ("b", "c")], ["a_search", "b_search", "c"]),
        ([("a", "files/read.all")], ["files_read_all"]),
        ([("a", "end_call"), ("a", "transfer_to_boss")], ["a_end_call", "a_transfer_to_boss"]),
        ([("crm", "sales_expert")], ["crm_sales_expert"]),
    ],
)
def test_names_are_legal_and_say_where_they_come_from_if_they_must(tools, names):
    assert function_names(tools) == names


def test_names_stay_apart_whatever_servers_call_their_tools():
    tools = [("a", "x.y"), ("a", "x/y"), ("a", "n" * 80), ("a", "n" * 81), ("a", "ü"), ("a", "")]
    names = function_names(tools)
    assert len(set(names)) == len(tools)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in names)
    assert function_names(tools) == names, "and are the same the next time"


def text(value):
    return TextContent(type="text", text=value)


def test_data_is_passed_on_as_compact_json_and_text_as_it_is():
    data = CallToolResult(content=[text("ignored")], structured_content={"a": ["é", 1]})
    assert tool_result(data) == ToolResult('{"a":["é",1]}')
    assert tool_result(CallToolResult(content=[text("a"), text("b")])) == ToolResult("a\nb")


def test_an_error_is_an_error_even_with_data():
    result = CallToolResult(
        content=[text("Error executing tool book: Sold out.")],
        structured_content={"a": 1},
        is_error=True,
    )
    assert tool_result(result) == ToolResult('{"error":"Sold out."}', is_error=True)
    silent = tool_result(CallToolResult(content=[], is_error=True))
    assert "without saying why" in silent.output


def test_what_is_no_text_is_named():
    image = ImageContent(type="image", data="AAAA", mime_type="image/png")
    page = EmbeddedResource(
        type="resource", resource=TextResourceContents(uri="file:///a", text="a page")
    )
    result = tool_result(CallToolResult(content=[image, page]))
    assert result.output == "[image that can't be read out]\na page"


def test_too_much_data_loses_the_ends_of_its_lists_and_stays_json():
    data = {"summary": "many", "rows": [{"n": n, "text": "x" * 50} for n in range(2000)]}
    result = tool_result(CallToolResult(content=[], structured_content=data))
    parsed = json.loads(result.output)
    assert len(result.output) <= MAX_OUTPUT_CHARS
    assert parsed["summary"] == "many"
    assert parsed["rows"] == data["rows"][: len(parsed["rows"])]
    assert parsed["cut"].startswith("shortened from")


def test_too_much_text_is_cut_and_says_so():
    for result in (
        CallToolResult(content=[text("x" * 100_000)]),
        CallToolResult(content=[], structured_content={"a": "x" * 100_000}),
        CallToolResult(content=[text("x" * 100_000)], is_error=True),
    ):
        output = tool_result(result).output
        assert len(output) <= MAX_OUTPUT_CHARS
        assert "cut: 100" in output


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "allOf": {"not": "a list"}},
        {"type": "object", "properties": {"x": {"type": "string", "minLength": "two"}}},
    ],
)
def test_a_broken_tool_does_not_take_the_others_along(schema, warnings):
    broken = Tool(name="broken", input_schema=schema)
    fine = Tool(name="fine", input_schema={"type": "object"})
    assert [spec.name for spec in tool_specs("server", [broken, fine, fine])] == ["fine"]
    assert "Left out tool broken of server" in warnings[0]


def test_a_long_description_keeps_the_warning():
    tool = Tool(
        name="t",
        description="x" * 5000,
        input_schema={"type": "object"},
        annotations=ToolAnnotations(read_only_hint=False),
    )
    [spec] = tool_specs("server", [tool])
    assert len(spec.description) == 1024
    assert spec.description.endswith(CONFIRM)


async def test_slots_are_forgotten_with_their_last_user():
    slots = CallSlots(1)
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold():
        async with slots.slot("call"):
            entered.set()
            await leave.wait()

    tasks = [asyncio.create_task(hold()) for _ in range(3)]
    await entered.wait()
    tasks[2].cancel()
    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert slots.calls == 0


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_kept_result_is_good_for_its_time_and_until_a_change():
    clock = Clock()
    cache = ReadCache(10, clock)
    cache.put("s", "t", {"a": 1, "b": 2}, ToolResult("x"), cache.changes("s"))
    assert cache.get("s", "t", {"b": 2, "a": 1}) == ToolResult("x")
    assert cache.get("s", "t", {"a": 1}) is None
    assert cache.get("other", "t", {"a": 1, "b": 2}) is None
    clock.now = 10
    assert cache.get("s", "t", {"a": 1, "b": 2}) is None
    cache.put("s", "t", {}, ToolResult("y"), cache.changes("s"))
    cache.changed("s")
    assert cache.get("s", "t", {}) is None


def test_what_was_read_across_a_change_is_not_kept_nor_are_errors():
    cache = ReadCache(10, Clock())
    before = cache.changes("s")
    cache.changed("s")
    cache.put("s", "t", {}, ToolResult("old"), before)
    cache.put("s", "u", {}, ToolResult("bad", is_error=True), cache.changes("s"))
    assert cache.get("s", "t", {}) is None
    assert cache.get("s", "u", {}) is None


def test_the_cache_has_a_bound():
    cache = ReadCache(10, Clock())
    for number in range(300):
        cache.put("s", "t", {"n": number}, ToolResult("x"), cache.changes("s"))
    kept = [number for number in range(300) if cache.get("s", "t", {"n": number})]
    assert kept == list(range(44, 300))


class Broken(httpx2.AsyncByteStream):
    async def __aiter__(self):
        yield b'{"jsonrpc":'
        raise httpx2.ReadError("reset")


class Network(httpx2.AsyncBaseTransport):
    def __init__(self, outcome):
        self.outcome = outcome

    async def handle_async_request(self, request):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


async def code_of(outcome, **headers):
    network = transport.AnsweringTransport(Network(outcome))
    async with httpx2.AsyncClient(transport=network) as client:
        response = await client.post("http://server/mcp", headers=headers)
    return response.json()["error"]["code"]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (httpx2.ConnectError("refused"), transport.NOT_SENT),
        (httpx2.ConnectTimeout("slow"), transport.NOT_SENT),
        (httpx2.PoolTimeout("busy"), transport.NOT_SENT),
        (httpx2.ReadError("reset"), transport.OUTCOME_UNKNOWN),
        (httpx2.WriteError("reset"), transport.OUTCOME_UNKNOWN),
        (httpx2.RemoteProtocolError("gone"), transport.OUTCOME_UNKNOWN),
        (httpx2.ReadTimeout("slow"), transport.OUTCOME_UNKNOWN),
        (httpx2.Response(502, content=b"<html>"), transport.OUTCOME_UNKNOWN),
        (httpx2.Response(401, content=b"no"), transport.REFUSED),
    ],
)
async def test_a_failure_says_whether_the_server_may_have_seen_the_request(outcome, code):
    assert await code_of(outcome) == code


async def test_a_404_means_a_lost_session_only_where_there_was_one():
    gone = httpx2.Response(404, json={"error": {"code": 1}})
    assert await code_of(gone, **{"mcp-session-id": "s"}) == transport.SESSION_LOST
    gone = httpx2.Response(404, json={"error": {"code": 1}})
    assert await code_of(gone) == 1, "the server's own answer"


async def test_a_body_that_breaks_ends_there():
    network = transport.AnsweringTransport(Network(httpx2.Response(200, stream=Broken())))
    async with httpx2.AsyncClient(transport=network) as client:
        response = await client.post("http://server/mcp")
    assert response.content == b'{"jsonrpc":'


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://tools.example/mcp", "http://proxy:3128"),
        ("https://tools.example/mcp", "http://secure:3128"),
        ("http://127.0.0.1:4000/mcp", None),
        ("http://localhost:4000/mcp", None),
        ("http://[::1]:4000/mcp", None),
        ("http://inside.example/mcp", None),
    ],
)
def test_the_environment_s_proxy_is_for_servers_elsewhere(monkeypatch, url, proxy):
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("https_proxy", "http://secure:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert transport.proxy_for(url) == proxy


async def test_looking_for_a_server_again_and_again_loads_the_authorities_once(monkeypatch):
    """It takes 50 to 150 ms in which no call is served."""
    loaded = []
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *args: loaded.append(args))
    for _ in range(3):
        async with transport.http_client("https://tools.example"):
            pass
    assert len(loaded) <= 1
