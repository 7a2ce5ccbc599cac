"""A file that is fetched in part, with refusals as every route has them."""

from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from bot.api.problems import problem_response


class RangedFile(FileResponse):
    """Starlette's, but for what it makes of a ``Range`` that can't be served.

    One that is none is ignored, and the whole file sent (RFC 9110, section 14.2); one that the
    file does not have is a problem document.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        refused: Message | None = None

        async def send_unless_refused(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                refused = message
            if refused is None:
                await send(message)

        await super().__call__(scope, receive, send_unless_refused)
        if refused is None:
            return
        if refused["status"] == 400:
            headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
            await super().__call__({**scope, "headers": headers}, receive, send)
            return
        ends = dict(refused["headers"])[b"content-range"].decode()
        problem = problem_response(
            416,
            f"the file has no such range: {ends.removeprefix('bytes */')} bytes are all there is",
            headers={"Content-Range": ends, "Cache-Control": "private, no-store"},
        )
        await problem(scope, receive, send)
