"""Each server runs alone: its command line, its one line on stdout, its end."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager

from mcp import Client, StdioServerParameters
from mcp.client.stdio import get_default_environment


def command(*arguments):
    return [sys.executable, "-m", "mcp_servers.post_booking", *arguments]


@asynccontextmanager
async def running(database, *arguments, **environment):
    process = await asyncio.create_subprocess_exec(
        *command(*arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"DATABASE_URL": database} | environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_says_where_it_serves_and_ends_when_it_is_told(database):
    async with running(database, "--port", "0") as process:
        word, url = (await process.stdout.readline()).decode().split()
        assert word == "ready"
        async with Client(url) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == [
                "get-booking",
                "cancel-booking",
            ]
        process.terminate()
        rest, _ = await process.communicate()
        assert rest == b""


async def test_it_speaks_over_standard_input_and_output(database):
    program, *arguments = command("--transport", "stdio")
    environment = get_default_environment() | {"DATABASE_URL": database}
    server = StdioServerParameters(command=program, args=arguments, env=environment)
    async with Client(server) as client:
        result = await client.call_tool("get-booking", {"confirmation_number": "100000"})
    assert result.is_error


async def test_a_wrong_setting_is_named_in_one_line(database):
    async with running("mysql://root@h/d") as process:
        _, errors = await process.communicate()
        assert process.returncode == 2
        assert "DATABASE_URL names 'mysql'; use sqlite or postgresql" in errors.decode()
        assert "Traceback" not in errors.decode()


async def test_a_port_that_is_taken_is_named(database):
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = str(taken.sockets[0].getsockname()[1])
    async with taken, running(database, "--port", port) as process:
        _, errors = await process.communicate()
        assert process.returncode == 2
        assert f"--port {port}" in errors.decode()
