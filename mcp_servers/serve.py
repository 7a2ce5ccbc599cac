"""The command line that every tool server has."""

import argparse
import logging
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette

from mcp_servers.database import DEFAULT_URL, database_url

PATH = "/mcp"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def run(build: Callable[[str], MCPServer[Any]], description: str | None) -> None:
    """Serve what ``build`` makes of the database's URL until SIGTERM, SIGINT or end of input.

    Prints one line, ``ready http://HOST:PORT/mcp``, when it serves HTTP; logs go to stderr.
    A setting that is wrong is named in one line on stderr, with exit code 2.
    """
    parser = command_line(description)
    parser.add_argument("--transport", choices=("http", "stdio"), default="http")
    arguments = parser.parse_args()
    server = build(database_of(parser))
    if arguments.transport == "stdio":
        server.run("stdio")
    else:
        serve(http_app(server, arguments.host), parser, arguments, path=PATH)


def command_line(description: str | None) -> argparse.ArgumentParser:
    """Where to listen, and the first line of ``description`` as help."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    return parser


def database_of(parser: argparse.ArgumentParser) -> str:
    """The database's URL from the environment, whose log level holds from here on.

    Ends the process with one line on stderr where the URL is none.
    """
    url = os.environ.get("DATABASE_URL") or DEFAULT_URL
    level = os.environ.get("LOG_LEVEL", "WARNING").upper().replace("TRACE", "DEBUG")
    try:
        database_url(url)
    except ValueError as error:
        parser.error(str(error))
    logging.basicConfig(
        stream=sys.stderr,
        level=level if level in _LEVELS else "WARNING",
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    return url


def http_app(server: MCPServer[Any], host: str) -> Starlette:
    """``server`` over streamable HTTP, at `PATH`."""
    # Stateless: a client needs no session, so a restart of the server loses none.
    return server.streamable_http_app(streamable_http_path=PATH, stateless_http=True, host=host)


def serve(
    app: Starlette, parser: argparse.ArgumentParser, arguments: argparse.Namespace, *, path: str
) -> None:
    """Serve where the command line says, and print ``ready http://HOST:PORT`` with ``path``."""
    try:
        listener = _listen(arguments.host, arguments.port)
    except OSError as error:
        parser.error(f"--host {arguments.host} --port {arguments.port}: {error.strerror}")
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    _Announcing(config, path).run(sockets=[listener])


class _Announcing(uvicorn.Server):
    """A uvicorn server that says on stdout where it serves, once it does."""

    def __init__(self, config: uvicorn.Config, path: str) -> None:
        super().__init__(config)
        self._path = path

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then print the one line that a parent process waits for."""
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            sys.stdout.write(
                f"ready http://{f'[{host}]' if ':' in host else host}:{port}{self._path}\n"
            )
            sys.stdout.flush()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
