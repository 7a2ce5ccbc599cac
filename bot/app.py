"""The web application: routes, the page, and the switchboard's lifetime."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from bot.api import health, team, twilio, webrtc, websocket
from bot.switchboard import Switchboard
from bot.version import ROOT, version

CONSOLE = ROOT / "console" / "dist"

NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Switchboard</title>
<style>
  body { font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto }
  code { background: #8883; padding: .1em .4em; border-radius: .3em }
  :root { color-scheme: light dark }
</style>
<h1>Switchboard is running</h1>
<p>Its page has not been built yet. Build it with <code>make console</code> (or start the service
with <code>make run</code>, which does), then reload.</p>
<p>Calls by telephone work without it: <code>python -m emulators.twilio call --help</code>.</p>
"""


class Console(StaticFiles):
    """The built page; a WebSocket to an address that nothing answers is refused, not a crash."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves files over HTTP."""
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


def create_app(switchboard: Switchboard, *, console: Path = CONSOLE) -> FastAPI:
    """The application for one switchboard, which starts and stops with it.

    Args:
        switchboard: Not started yet.
        console: Where the built page is.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await switchboard.start()
        try:
            yield
        finally:
            await switchboard.close()

    # The interactive pages would load scripts from a foreign server; the document itself stays.
    app = FastAPI(
        title="Switchboard", version=version(), lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.switchboard = switchboard
    app.include_router(health.router)
    app.include_router(team.router)
    app.include_router(webrtc.router)
    app.include_router(websocket.router)
    if switchboard.settings.twilio_enabled:
        app.include_router(twilio.router)
    if (console / "index.html").is_file():
        app.mount("/", Console(directory=console, html=True), name="console")
    else:
        app.get("/", include_in_schema=False)(_not_built)
    return app


async def _not_built() -> HTMLResponse:
    """Says how to get the page."""
    return HTMLResponse(NOT_BUILT)
