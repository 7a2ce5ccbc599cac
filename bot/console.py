"""The files of the built page, and which addresses lead to it."""

import mimetypes

from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

PAGES = ("sign-in", "live", "history", "agents", "call-out", "numbers")
"""What the addresses of the page's parts begin with; console/src/app/router.ts reads them."""

HASHED = "assets/"
"""Where the build puts files whose names change with what is in them."""

FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"


class Console(StaticFiles):
    """The built page; a WebSocket to an address that nothing answers is refused, not a crash.

    Files were compressed when they were built: doing it here would hold up the calls.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves files over HTTP."""
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file; for an address of the console, the page, which finds its way from there.

        Who mistyped an address gets the page as well, which says so; programs get a problem.
        """
        first = path.partition("/")[0]
        if first in PAGES:
            return await self._file("index.html", scope)
        try:
            return await self._file(path, scope)
        except HTTPException as refusal:
            wanted = Headers(scope=scope).get("accept", "")
            if refusal.status_code != 404 or first == "api" or "text/html" not in wanted:
                raise
            answer = await self._file("index.html", scope)
            answer.status_code = 404
            return answer

    async def _file(self, path: str, scope: Scope) -> Response:
        packed = f"{path}.gz"
        if not path.startswith(HASHED) or self.lookup_path(packed)[1] is None:
            answer = await super().get_response(path, scope)
        elif "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            answer = await super().get_response(packed, scope)
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            answer.headers["Content-Type"] = f"{kind}; charset=utf-8"
            answer.headers["Content-Encoding"] = "gzip"
            answer.headers["Vary"] = "Accept-Encoding"
        else:
            answer = await super().get_response(path, scope)
            answer.headers["Vary"] = "Accept-Encoding"
        answer.headers["Cache-Control"] = FOREVER if path.startswith(HASHED) else ASK_FIRST
        return answer
