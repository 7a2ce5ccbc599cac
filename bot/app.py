"""The web application: routes, the page, and the switchboard's lifetime."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse

from bot.api import (
    agents,
    control,
    event_streams,
    export,
    health,
    history,
    latest_events,
    listen,
    metrics,
    numbers,
    outbound,
    outbound_options,
    recording,
    session,
    takeover,
    team,
    transfers,
    twilio,
    twilio_outbound,
    webhooks,
    webrtc,
    websocket,
)
from bot.api.access import CSRF_HEADER
from bot.api.description import describe_fully
from bot.api.headers import CONTENT_SECURITY_POLICY, SecurityHeaders
from bot.api.limits import BodyLimit, RateLimits
from bot.api.problems import answer_with_problems
from bot.console import Console
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
    answer_with_problems(app)
    describe_fully(app)
    # The last one added is the first one that a request meets.
    app.add_middleware(BodyLimit)
    app.add_middleware(RateLimits, switchboard=switchboard)
    settings = switchboard.settings
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", CSRF_HEADER],
            expose_headers=["Retry-After", "Location"],
        )
    app.add_middleware(SecurityHeaders, settings=settings)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(session.router)
    app.include_router(team.router)
    app.include_router(agents.router)
    app.include_router(control.router)
    app.include_router(takeover.router)
    app.include_router(listen.router)
    app.include_router(export.router)
    app.include_router(latest_events.router)
    app.include_router(history.router)
    app.include_router(numbers.router)
    app.include_router(event_streams.router)
    app.include_router(outbound.router)
    app.include_router(outbound_options.router)
    app.include_router(recording.router)
    app.include_router(webhooks.router)
    webhooks.describe_webhooks(app)
    app.include_router(webrtc.router)
    app.include_router(websocket.router)
    if switchboard.settings.twilio_enabled:
        app.include_router(twilio.router)
        app.include_router(transfers.router)
        app.include_router(twilio_outbound.router)
    if (console / "index.html").is_file():
        app.mount("/", Console(directory=console, html=True), name="console")
    else:
        app.get("/", include_in_schema=False)(_not_built)
    return app


async def _not_built() -> HTMLResponse:
    """Says how to get the page."""
    own_style = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'unsafe-inline'")
    return HTMLResponse(NOT_BUILT, headers={"Content-Security-Policy": own_style})
