"""``/v1/chat/completions`` over a mind of the Realtime emulator's, and ``/v1/moderations``."""

from collections.abc import Callable

import orjson
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from emulators.chat.completion import Completion
from emulators.chat.errors import ApiError, missing_key, unknown_model
from emulators.chat.moderation import moderations
from emulators.chat.request import Request, read_request
from emulators.realtime.mind import Mind

MODELS = ("gpt-", "chatgpt-", "o1", "o3", "o4")
"""How the names of chat models begin."""

Observer = Callable[[Request], None]


def chat_app(mind: Mind, *, observer: Observer | None = None) -> Starlette:
    """The API as an ASGI application.

    Args:
        mind: Thinks.
        observer: Sees every request that is carried out.
    """

    async def create(http: HttpRequest) -> Response:
        try:
            request = read_request(await _body(http))
            if not request.model.startswith(MODELS) or "realtime" in request.model:
                raise unknown_model(request.model)
        except ApiError as error:
            return JSONResponse(error.body, error.status)
        if observer:
            observer(request)
        completion = Completion(request, mind)
        if not request.stream:
            try:
                return JSONResponse(await completion.whole())
            except ApiError as error:
                return JSONResponse(error.body, error.status)
        return StreamingResponse(completion.chunks(), media_type="text/event-stream")

    async def moderate(http: HttpRequest) -> Response:
        try:
            return JSONResponse(moderations(await _body(http)))
        except ApiError as error:
            return JSONResponse(error.body, error.status)

    return Starlette(
        routes=[
            Route("/v1/chat/completions", create, methods=["POST"]),
            Route("/v1/moderations", moderate, methods=["POST"]),
        ]
    )


async def _body(http: HttpRequest) -> object:
    scheme, _, key = http.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise missing_key()
    try:
        return orjson.loads(await http.body())
    except orjson.JSONDecodeError:
        raise ApiError("We could not parse the JSON body of your request.") from None
