"""Servers of others: with headers, with tokens, as programs that end."""

import sys

from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from processors.mcp_tools import ClientCredentials, McpServer, ServerState
from tests.processors.mcp_tools.tool_server import (
    READS,
    Caller,
    Uvicorn,
    hosting,
    http_app,
    until_state,
)


def greeter():
    server = MCPServer("greeter")
    server.add_tool(lambda name: f"hello {name}", name="greet", annotations=READS)
    server.add_tool(lambda: "bye", name="leave")
    return server


def guarded(app: ASGIApp, token: str, challenge: str = "") -> ASGIApp:
    """Lets in who shows the token."""

    async def guard(scope, receive, send):
        if scope["type"] == "http" and scope["path"] == "/mcp":
            shown = dict(scope["headers"]).get(b"authorization", b"").decode()
            if shown != f"Bearer {token}":
                headers = {"WWW-Authenticate": challenge} if challenge else {}
                await Response("no", 401, headers)(scope, receive, send)
                return
        await app(scope, receive, send)

    return guard


async def test_headers_go_with_every_request_and_only_listed_tools_count():
    http = Uvicorn()
    await http.start(guarded(http_app(greeter()), "t0ken"))
    server = McpServer(
        url=http.url, headers={"Authorization": "Bearer t0ken"}, tools=frozenset({"greet"})
    )
    try:
        async with hosting({"greeter": server}) as host:
            assert host.status()["greeter"].tools == ("greet",)
            caller = Caller(host)
            assert "hello Ann" in (await caller.run(caller.tool("greet"), name="Ann")).output
        async with hosting({"greeter": http.url}) as host:
            assert host.status()["greeter"].state is ServerState.DOWN
            assert "401" in host.status()["greeter"].problem
    finally:
        await http.stop()


class AuthorizationServer:
    """Gives a token for client credentials, and says where it is."""

    def __init__(self, base: str) -> None:
        self.asked: list[dict[str, str]] = []
        self.base = base

    def app(self, protected: ASGIApp) -> ASGIApp:
        async def token(request: Request) -> Response:
            form = await request.form()
            self.asked.append({**form, "auth": request.headers.get("authorization", "")})
            body = {"access_token": "issued", "token_type": "Bearer", "expires_in": 3600}
            return JSONResponse(body)

        async def resource(_request: Request) -> Response:
            return JSONResponse(
                {"resource": f"{self.base}/mcp", "authorization_servers": [self.base]}
            )

        async def metadata(_request: Request) -> Response:
            return JSONResponse(
                {
                    "issuer": self.base,
                    "authorization_endpoint": f"{self.base}/authorize",
                    "token_endpoint": f"{self.base}/token",
                    "response_types_supported": ["code"],
                    "grant_types_supported": ["client_credentials"],
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                }
            )

        own = Starlette(
            routes=[
                Route("/token", token, methods=["POST"]),
                Route("/.well-known/oauth-protected-resource/mcp", resource),
                Route("/.well-known/oauth-protected-resource", resource),
                Route("/.well-known/oauth-authorization-server", metadata),
            ]
        )

        async def app(scope, receive, send):
            is_ours = scope["type"] == "http" and scope["path"] != "/mcp"
            await (own if is_ours else protected)(scope, receive, send)

        return app


async def test_a_server_that_wants_a_token_gets_one_by_client_credentials():
    http = Uvicorn()
    base = http.url.removesuffix("/mcp")
    authority = AuthorizationServer(base)
    challenge = f'Bearer resource_metadata="{base}/.well-known/oauth-protected-resource/mcp"'
    await http.start(authority.app(guarded(http_app(greeter()), "issued", challenge)))
    credentials = ClientCredentials(client_id="us", client_secret="s3cret", issuer=base)
    try:
        async with hosting({"greeter": McpServer(url=http.url, oauth=credentials)}) as host:
            await until_state(host, "greeter", ServerState.UP)
            caller = Caller(host)
            assert "hello Ann" in (await caller.run(caller.tool("greet"), name="Ann")).output
    finally:
        await http.stop()
    [asked] = authority.asked
    assert asked["grant_type"] == "client_credentials"
    assert asked["auth"].startswith("Basic ")
    assert "s3cret" not in repr(credentials)


PROGRAM = """
import os
from mcp.server.mcpserver import MCPServer

server = MCPServer("fragile")

@server.tool()
def pid() -> int:
    return os.getpid()

@server.tool()
def die() -> None:
    os._exit(1)

server.run("stdio")
"""


async def test_a_program_that_ends_is_started_again():
    server = McpServer(command=sys.executable, args=("-c", PROGRAM))
    async with hosting({"fragile": server}, timeout_s=20) as host:
        await until_state(host, "fragile", ServerState.UP)
        caller = Caller(host)
        first = (await caller.run(caller.tool("pid"))).output
        assert (await caller.run(caller.tool("die"))).is_error
        await until_state(host, "fragile", ServerState.DOWN)
        await until_state(host, "fragile", ServerState.UP)
        assert (await caller.run(caller.tool("pid"))).output != first


async def test_a_program_that_is_not_there_is_down_and_says_why():
    server = McpServer(command="/nothing/here")
    async with hosting({"none": server}) as host:
        assert host.status()["none"].state is ServerState.DOWN
        assert "/nothing/here" in host.status()["none"].problem
