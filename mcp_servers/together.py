"""Several of these servers in one process: ``python -m mcp_servers.together booking members``.

Each serves at ``/<name>/mcp`` of one port. What they import is most of what a server needs to start
and to run; here it is needed once. One that can't serve is logged and does not keep the others from
it.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module

from starlette.applications import Starlette
from starlette.routing import Mount

from mcp_servers.serve import command_line, database_of, http_app, serve

_log = logging.getLogger(__name__)


def together(names: Sequence[str], database: str, *, host: str = "127.0.0.1") -> Starlette:
    """One application for the servers of these modules of this package.

    Args:
        names: Of modules, such as ``booking``.
        database: URL of the database of all of them.
        host: Where it will listen: what a request's Host may be.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for name in names:
                try:
                    each = http_app(import_module(f"mcp_servers.{name}").build(database), host)
                    await running.enter_async_context(each.router.lifespan_context(each))
                except Exception:
                    _log.exception("the tool server %s can't serve", name)
                    continue
                app.router.routes.append(Mount(f"/{name}", each))
            yield

    return Starlette(lifespan=lifespan)


def main() -> None:
    """Serve until SIGTERM or SIGINT; prints ``ready http://HOST:PORT`` once it does."""
    parser = command_line(__doc__)
    parser.add_argument("servers", nargs="+", help="modules of this package, such as booking")
    arguments = parser.parse_args()
    app = together(arguments.servers, database_of(parser), host=arguments.host)
    serve(app, parser, arguments, path="")


if __name__ == "__main__":
    main()
