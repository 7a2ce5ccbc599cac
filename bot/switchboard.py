"""Everything that the calls of one process share, from the start of the service to its end."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection

from agents import load_team
from bot.calls import CallRegistry
from bot.carrier import carrier_for
from bot.event_log import log_events
from bot.events import EventBus
from bot.fallbacks import endpoint_of
from bot.pipeline import build
from bot.settings import Settings
from processors.mcp_tools import McpHost
from processors.realtime.endpoints import Endpoint

TOOLS_SETTLE_S = 2.0
OPENAI_REALTIME_URL = "wss://api.openai.com/v1/realtime"


def endpoint_for(settings: Settings, emulator_url: str | None = None) -> Endpoint:
    """Where the model is: at the configured URL, at the emulator, or at OpenAI."""
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    url = settings.openai_realtime_url or OPENAI_REALTIME_URL
    if settings.engine == "emulator" and emulator_url:
        # It insists on a key, as the real one does, and takes any.
        url, key = emulator_url, "none"
    return Endpoint(
        name=settings.engine, url=url, api_key=key, model=settings.openai_realtime_model
    )


def fallbacks_for(settings: Settings) -> list[Endpoint]:
    """Where the model is as well, in order of preference."""
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    return [
        endpoint_of(
            fallback,
            settings.openai_realtime_fallback_keys,
            openai_key=key,
            model=settings.openai_realtime_model,
        )
        for fallback in settings.openai_realtime_fallbacks
    ]


class Switchboard:
    """The service without its web application: team, model, tools, calls, events."""

    def __init__(
        self, settings: Settings, *, endpoint: Endpoint, tool_servers: Mapping[str, str]
    ) -> None:
        """Prepares everything; nothing runs before `start`.

        Args:
            settings: Of the service.
            endpoint: Where the model is; the fallbacks are in the settings.
            tool_servers: URLs of the team's tool servers by name.
        """
        self.settings = settings
        self.team = load_team(settings.team)
        self.bus = EventBus()
        self.mcp = McpHost(
            tool_servers,
            timeout_s=settings.tool_timeout_s,
            per_call_limit=settings.tool_calls_at_once,
        )
        self.calls = CallRegistry(
            limit=settings.max_calls,
            team_name=self.team.name,
            bus=self.bus,
            converse=partial(
                build,
                team=self.team,
                endpoints=[endpoint, *fallbacks_for(settings)],
                settings=settings,
                mcp=self.mcp,
            ),
        )
        self.carrier = carrier_for(settings)
        self.peers: dict[str, SmallWebRTCConnection] = {}
        self._started_at = time.monotonic()
        self._running = False
        self._logging: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts what runs beside the calls."""
        self._logging = asyncio.create_task(log_events(self.bus), name="event-log")
        await self.mcp.start()
        # So that the first call has its tools; a server that is away is not waited for longer.
        await self.mcp.settled(TOOLS_SETTLE_S)
        self._running = True

    async def close(self) -> None:
        """Ends what is still live, and everything that runs beside the calls."""
        self._running = False
        await self.calls.drain(0)
        await self.mcp.close()
        if self._logging:
            self._logging.cancel()
            with suppress(asyncio.CancelledError):
                await self._logging

    @property
    def uptime_s(self) -> float:
        """Seconds since the service was made."""
        return time.monotonic() - self._started_at

    def tool_server_states(self) -> dict[str, str]:
        """How the connection to each tool server is, by name: see `ServerState`."""
        return {name: str(status.state) for name, status in self.mcp.status().items()}

    def unready_reasons(self) -> list[str]:
        """What keeps calls from being taken; empty when nothing does."""
        reasons = []
        if not self._running:
            reasons.append("the service is starting")
        if self.calls.is_draining:
            reasons.append("the service is shutting down")
        elif not self.calls.has_room:
            reasons.append("all lines are busy")
        return reasons
