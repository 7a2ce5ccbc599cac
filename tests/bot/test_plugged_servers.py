"""MCP servers that are plugged in by a file."""

import json
import sys

import pytest

from agents import Agent, Team, load_team
from bot.outbound.wishes import CallRequest, plan_of
from bot.plugged_servers import (
    PluggedServerError,
    check_plugged,
    read_plugged_servers,
    with_plugged,
)
from bot.settings import Settings
from tests.bot.service import model, service, until

TRAVEL = load_team("travel")


@pytest.fixture
def plug(tmp_path):
    def write(servers):
        path = tmp_path / "mcp.json"
        path.write_text(json.dumps({"mcpServers": servers}))
        return read_plugged_servers(str(path))

    return write


def test_a_desktop_clients_file_is_taken_as_it_is(plug):
    [time] = plug({"time": {"command": "uvx", "args": ["mcp-server-time"], "env": {"TZ": "UTC"}}})
    assert (time.server.command, time.server.args) == ("uvx", ("mcp-server-time",))
    assert dict(time.server.env) == {"TZ": "UTC"}
    assert all(time.is_for(TRAVEL, agent) for agent in TRAVEL.agents)


def test_secrets_come_from_the_environment(plug, monkeypatch):
    monkeypatch.setenv("CRM_TOKEN", "s3cret")
    [crm] = plug(
        {
            "crm": {
                "type": "http",
                "url": "https://crm.example.com/mcp",
                "headers": {"Authorization": "Bearer ${CRM_TOKEN}"},
                "tools": ["find"],
                "agents": ["travel.front_desk"],
            }
        }
    )
    assert crm.server.headers["Authorization"] == "Bearer s3cret"
    assert crm.secrets == ("s3cret",)
    assert "s3cret" not in repr(crm)
    assert [agent.name for agent in TRAVEL.agents if crm.is_for(TRAVEL, agent)] == ["front_desk"]


URL = {"url": "https://x.example.com/mcp"}
OAUTH = {"clientId": "us", "clientSecret": "plain"}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({}, "server 'x' should have either a command or a url"),
        ({"command": "a", **URL}, "server 'x' should have either"),
        ({"url": "ftp://x"}, "server 'x': url should be http"),
        ({"comand": "a"}, "server 'x': comand: Extra inputs"),
        ({"command": "a", "args": "b"}, "server 'x': args: Input should be a valid list"),
        ({"command": "a", "headers": {"A": "b"}}, "a command and headers, which it can't use"),
        ({"type": "sse", **URL}, "server 'x': type: Input should be 'stdio'"),
        ({"type": "stdio", **URL}, "has a url and the type 'stdio'"),
        ({**URL, "headers": {"X-Api-Key": "abc"}}, "header X-Api-Key should refer to"),
        ({"command": "a", "env": {"MY_TOKEN": "abc"}}, "env MY_TOKEN should refer to"),
        ({**URL, "oauth": OAUTH}, "oauth.clientSecret should refer to"),
        ({**URL, "headers": {"A": "${NOT_SET_AT_ALL}"}}, "header A refers to NOT_SET_AT_ALL"),
    ],
)
def test_what_is_wrong_is_named_with_its_server(plug, entry, problem):
    with pytest.raises(PluggedServerError) as refused:
        plug({"x": entry})
    assert problem in str(refused.value)
    assert "abc" not in str(refused.value)


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(PluggedServerError, match="can be read"):
        read_plugged_servers(str(tmp_path / "none.json"))
    (tmp_path / "mcp.json").write_text("{")
    with pytest.raises(PluggedServerError, match="a JSON file"):
        read_plugged_servers(str(tmp_path / "mcp.json"))
    (tmp_path / "mcp.json").write_text('{"servers": {}}')
    with pytest.raises(PluggedServerError, match="mcpServers"):
        read_plugged_servers(str(tmp_path / "mcp.json"))


def test_names_and_agents_are_held_against_the_teams(plug):
    teams = {"travel": TRAVEL}
    with pytest.raises(PluggedServerError, match="a tool server of that name"):
        check_plugged(plug({"booking": {"command": "a"}}), teams)
    with pytest.raises(PluggedServerError, match=r"travel\.porter.*such as travel\."):
        check_plugged(plug({"x": {"command": "a", "agents": ["travel.porter"]}}), teams)
    check_plugged(plug({"x": {"command": "a", "agents": ["travel"]}}), teams)


def test_an_agent_has_all_of_a_plugged_servers_tools_beside_its_own_list(plug):
    plugged = plug({"x": {"command": "a", "agents": ["shop.clerk"]}})
    clerk, boss = (
        Agent(name=name, description="", instructions="", tools=("find",))
        for name in ("clerk", "boss")
    )
    team = with_plugged(Team(name="shop", title="Shop", agents=(clerk, boss)), plugged)
    assert [agent.tool_servers for agent in team.agents] == [("x",), ()]
    assert [server.name for server in team.tool_servers] == ["x"]
    assert plugged[0].server.is_open


SERVER = """
import sys
from mcp.server.mcpserver import MCPServer

server = MCPServer("shelf")

@server.tool()
def count_books(room: str) -> str:
    "Count the books in a room."
    print("counting", file=sys.stderr)
    return f"{sys.argv[1]} in the {room}"

@server.tool()
def burn_books() -> str:
    "Nobody is to have this."
    return "no"

server.run("stdio")
"""


async def test_a_command_is_started_and_its_tools_are_the_agents(tmp_path):
    (tmp_path / "shelf.py").write_text(SERVER)
    entry = {
        "command": sys.executable,
        "args": [str(tmp_path / "shelf.py"), "seven"],
        "tools": ["count_books"],
        "readOnly": ["count_books"],
        "agents": ["travel.front_desk"],
    }
    dead = {"command": str(tmp_path / "nothing-here")}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"shelf": entry, "dead": dead}}))
    async with (
        model() as emulator,
        service(emulator.url, mcp_servers=str(tmp_path / "mcp.json")) as running,
    ):
        switchboard = running.switchboard
        await until(lambda: switchboard.tool_server_states()["shelf"] == "up", timeout_s=60)
        front = switchboard.team.entry
        [tool] = switchboard.mcp.tools(["shelf"], front.tools)
        assert (tool.name, tool.read_only, tool.destructive) == ("count_books", True, False)
        assert "shelf" in front.tool_servers
        assert "shelf" not in switchboard.team.agents[1].tool_servers
        assert switchboard.tool_server_states()["dead"] == "down"


def test_an_agent_that_is_made_for_a_task_has_what_is_plugged_in_for_it(tmp_path):
    path = tmp_path / "mcp.json"
    entries = {"crm": {**URL, "agents": ["outreach.survey"]}, "time": {"command": "uvx"}}
    path.write_text(json.dumps({"mcpServers": entries}))
    settings = Settings(mcp_servers=path, _env_file=None)

    def servers_of(**task):
        wish = {"to": "+14155550123", "task": {"organisation": "City Library", **task}}
        wanted = CallRequest.model_validate(wish)
        return plan_of(wanted, settings, lambda _name: TRAVEL).team.entry.tool_servers

    questions = [{"key": "rating", "text": "How was it?"}]
    assert servers_of(type="survey", topic="us", questions=questions) == ("crm", "time")
    assert servers_of(type="notification", message="The book is here.") == ("time",)


def test_the_settings_name_the_file_and_the_entry(tmp_path):
    (tmp_path / "mcp.json").write_text('{"mcpServers": {"x": {}}}')
    with pytest.raises(ValueError, match="server 'x' should have either"):
        Settings(_env_file=None, mcp_servers=str(tmp_path / "mcp.json"))
