"""Everything that the calls of one process share, from the start of the service to its end."""

import asyncio
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pydantic import ValidationError

from agents import Team, UnknownTeamError, load_team, team_names, tool_servers_of
from bot.after_call.summaries import CallSummaries
from bot.announcements import ANNOUNCEMENTS, Announcements
from bot.calls import CallRegistry
from bot.carrier import carrier_for
from bot.chat import moderation_for
from bot.control import Control
from bot.costs.prices import read_prices
from bot.costs.tracker import CostTracker
from bot.draining import Draining
from bot.engines import engine_named
from bot.event_log import log_events
from bot.events import EventBus
from bot.flags import TEAM, Flags
from bot.metrics.service import Metrics
from bot.outbound.answering import Answering
from bot.outbound.calls import OutboundCalls
from bot.outbound.memory import OutboundMemory
from bot.outbound.rules import RefusedCallError
from bot.outbound.wishes import CallRequest, plan_of
from bot.pipeline import build
from bot.plan import AnnouncedCalls, CallPlan
from bot.plugged_servers import check_plugged, with_plugged
from bot.recording.library import RecordingLibrary
from bot.records.service import Records
from bot.rollout import Rollout
from bot.sessions import Sessions
from bot.settings import Settings
from bot.stream_tokens import StreamTokens
from bot.transfers import Transfers
from bot.webhooks.service import Webhooks
from bot.webhooks.signature import read_secret
from processors.mcp_tools import McpHost, McpServer
from processors.moderation import Moderation
from processors.realtime.endpoints import Endpoint
from processors.text_mode.chat import ChatEndpoint

if TYPE_CHECKING:
    from bot.tracing.service import Tracing

TOOLS_SETTLE_S = 2.0


def endpoint_for(settings: Settings, emulator_url: str | None = None) -> Endpoint:
    """Where the model is, by the engine that the settings name."""
    return engine_named(settings.voice_engine).endpoint(settings, emulator_url)


def offered_teams(settings: Settings) -> dict[str, Team]:
    """The teams that calls may be held by, the one that answers first.

    Raises:
        PluggedServerError: A server of the settings is for agents that there are not.
    """
    rolled_out = Flags(settings.flags).names(TEAM)
    names = dict.fromkeys((settings.team, *(settings.teams or team_names()), *rolled_out))
    teams = {name: load_team(name) for name in names}
    check_plugged(settings.mcp_servers, teams)
    return {name: with_plugged(team, settings.mcp_servers) for name, team in teams.items()}


def tracing_for(settings: Settings, bus: EventBus) -> "Tracing | None":
    """What traces calls, where a collector is set; its libraries are not even loaded otherwise."""
    if settings.otel_exporter_otlp_endpoint is None:
        return None
    from bot.tracing.service import Tracing

    return Tracing(settings, bus)


class Switchboard:
    """The service without its web application: teams, model, tools, calls, events."""

    def __init__(
        self,
        settings: Settings,
        *,
        endpoint: Endpoint,
        chat: ChatEndpoint | None = None,
        tool_servers: Mapping[str, str],
        clips: Path | None = None,
        writer_url: str | None = None,
    ) -> None:
        """Prepares everything; nothing runs before `start`.

        Args:
            settings: Of the service.
            endpoint: Where the model is; the fallbacks are in the settings.
            chat: Where calls from a browser go on in writing when no endpoint serves.
            tool_servers: URLs of the teams' own tool servers by name.
            clips: Where announcements that the model has made are kept; None has none made.
            writer_url: Where an emulator writes down what operators say, if one was started.
        """
        self.settings = settings
        self.teams = offered_teams(settings)
        self.team = self.teams[settings.team]
        self.rollout = Rollout(Flags(settings.flags), team=self.team, teams=self.teams)
        self.bus = EventBus()
        self.records = Records(settings, self.bus)
        asks = {server.name: server.asks for server in tool_servers_of(self.teams.values())}
        self.mcp = McpHost(
            {
                **{
                    name: McpServer(url=url, asks=asks.get(name))
                    for name, url in tool_servers.items()
                },
                **{plugged.name: plugged.server for plugged in settings.mcp_servers},
            },
            timeout_s=settings.tool_timeout_s,
            longest_s=settings.tool_longest_s,
            per_call_limit=settings.tool_calls_at_once,
        )
        moderation = moderation_for(settings, chat)
        self.moderation = Moderation(moderation) if moderation else None
        engine = engine_named(settings.voice_engine)(
            settings, endpoint, chat, self.moderation, writer_url
        )
        self.announcements = Announcements(
            ANNOUNCEMENTS, voice=self.team.entry.voice, endpoints=engine.recorders, kept=clips
        )
        self.recordings = RecordingLibrary(
            settings.recordings_dir or settings.data_dir / "recordings",
            mode=settings.recording,
            format=settings.recording_format,
            retention_days=settings.recordings_retention_days,
        )
        self.records.when_erased(self.recordings.forget)
        self.calls = CallRegistry(
            limit=settings.max_calls,
            plan=CallPlan(team=self.team),
            bus=self.bus,
            converse=partial(
                build,
                engine=engine,
                settings=settings,
                mcp=self.mcp,
                announcements=self.announcements,
                recordings=self.recordings,
            ),
            prepare=self.rollout.applied,
            may_hang_up=lambda call_id: self.answering.may_hang_up(call_id),
        )
        self.draining = Draining(self.calls)
        self.costs = CostTracker(
            self.bus,
            self.calls,
            read_prices(settings.prices_file),
            carrier_usd_per_minute=settings.carrier_usd_per_minute,
            limit_usd=settings.max_cost_usd,
        )
        self.summaries = (
            CallSummaries(self.records, self.bus, self.costs, chat=chat, team_of=self._team_of_call)
            if chat and settings.call_summaries
            else None
        )
        secret = settings.webhook_secret
        self.webhooks = Webhooks(
            self.records,
            self.bus,
            settings.webhook_urls,
            read_secret(secret.get_secret_value()) if secret else b"",
        )
        self.announced = AnnouncedCalls()
        self.control = Control(self.calls, transfer_number=settings.transfer_number)
        self.carrier = carrier_for(settings)
        self.transfers = Transfers(self.carrier)
        self.outbound = OutboundCalls(
            settings,
            carrier=self.carrier,
            memory=OutboundMemory(self.records, self.bus, self._plan_of_wish),
            announced=self.announced,
            bus=self.bus,
        )
        self.answering = Answering(self.outbound, self.calls, self.bus)
        self.secret_key = (
            settings.secret_key.get_secret_value()
            if settings.secret_key
            else secrets.token_urlsafe(32)
        )
        self.stream_tokens = StreamTokens(self.secret_key)
        self.sessions = Sessions(self.secret_key, settings.api_keys, hours=settings.session_hours)
        self.metrics = Metrics(
            settings,
            endpoint=endpoint.name,
            bus=self.bus,
            calls=self.calls,
            records=self.records,
            mcp=self.mcp,
            tool_servers=self.tool_server_states,
            is_ready=lambda: not self.unready_reasons(),
            webhooks=self.webhooks,
        )
        self.tracing = tracing_for(settings, self.bus)
        self.peers: dict[str, SmallWebRTCConnection] = {}
        self._started_at = time.monotonic()
        self._running = False
        self._logging: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts what runs beside the calls.

        Raises:
            StartError: Events can't be kept where the settings say.
        """
        await self.records.start()
        self.costs.start()
        self.outbound.start()
        self._logging = asyncio.create_task(log_events(self.bus), name="event-log")
        self.metrics.start()
        if self.tracing:
            self.tracing.start()
        self.announcements.start()
        await self.recordings.start()
        await self.mcp.start()
        # So that the first call has its tools; a server that is away is not waited for longer.
        await self.mcp.settled(TOOLS_SETTLE_S)
        if self.summaries:
            self.summaries.start()
        self.webhooks.start()
        self._running = True

    async def drain(self) -> None:
        """Takes no more calls, and returns when those that there are are over.

        They may go on for `DRAIN_TIMEOUT_S`, and then hear a goodbye; `draining.hurry` shortens it.
        """
        self.calls.admit_no_more()
        await asyncio.gather(
            self.draining.run(self.settings.drain_timeout_s), self.outbound.cancel_unanswered()
        )

    async def close(self) -> None:
        """Ends what is still live, and everything that runs beside the calls."""
        self._running = False
        await self.outbound.close()
        await self.answering.close()
        await self.draining.run(0)
        await self.costs.close()
        if self.summaries:
            await self.summaries.close()
        await self.webhooks.close()
        await self.announcements.close()
        await self.recordings.close()
        await self.control.close()
        await self.mcp.close()
        if self.moderation:
            await self.moderation.close()
        if self._logging:
            self._logging.cancel()
            with suppress(asyncio.CancelledError):
                await self._logging
        await self.records.close()
        if self.tracing:
            await self.tracing.close()
        await self.metrics.close()

    def _plan_of_wish(self, wish: Mapping[str, Any]) -> CallPlan:
        return plan_of(CallRequest.model_validate(wish), self.settings, self.team_named)

    def _team_of_call(self, name: str | None, wish: Mapping[str, Any] | None) -> Team | None:
        """The team that had a call, by its name, and by what was asked for where we placed it."""
        if wish is not None:
            with suppress(RefusedCallError, ValidationError):
                return self._plan_of_wish(wish).team
        return self.teams.get(name or "")

    def team_named(self, name: str | None) -> Team:
        """The team of that name, ``None`` for the one that answers.

        Raises:
            UnknownTeamError: It is not offered here; the message says which ones are.
        """
        if name is None:
            return self.team
        try:
            return self.teams[name]
        except KeyError:
            raise UnknownTeamError(
                f"no team {name!r} is offered here; there is {', '.join(self.teams)}"
            ) from None

    def team_asked_for(self, team: str | None, agent: str | None) -> Team | None:
        """The team that a call asks for, answered by the agent that it asks for.

        ``None`` where it asks for neither: then the flags have a say.

        Raises:
            UnknownTeamError: No such team is offered here.
            UnknownAgentError: The team has no such agent.
        """
        if not agent:
            return self.team_named(team) if team else None
        return self.team_named(team or None).answered_by(agent)

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
