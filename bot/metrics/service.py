"""The figures of one service: follows its events, and renders what Prometheus reads."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

from loguru import logger
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from sqlalchemy.exc import SQLAlchemyError

from bot.calls import CallRegistry
from bot.events import EventBus, Missed
from bot.metrics.figures import Figures
from bot.metrics.observer import TOOLS, Observer
from bot.metrics.state import State
from bot.metrics.thresholds import Thresholds, Watch
from bot.metrics.vocabulary import Vocabulary
from bot.records.service import Records
from bot.records.writer import DatabaseAwayError
from bot.settings import Settings
from bot.transports.line import Channel
from bot.version import version
from bot.webhooks.service import Webhooks
from processors.mcp_tools import McpHost

LAG_INTERVAL_S = 0.5
BACKLOG = 10_000
BACKLOG_TIMEOUT_S = 1.0
"""Whoever asks for figures does not wait longer for what the database knows."""


class Metrics:
    """A registry of its own for each service, so that several in one process don't mix.

    Args:
        settings: Of the service.
        endpoint: The name of the model's first endpoint.
        bus: Whose events are counted.
        calls: The live ones.
        records: Whose state is shown.
        mcp: The tool servers.
        tool_servers: Their states by name.
        is_ready: Whether a call would be taken.
        webhooks: Whose backlog is shown.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        endpoint: str,
        bus: EventBus,
        calls: CallRegistry,
        records: Records,
        mcp: McpHost,
        tool_servers: Callable[[], Mapping[str, str]],
        is_ready: Callable[[], bool],
        webhooks: Webhooks,
    ) -> None:
        self.registry = CollectorRegistry()
        self.figures = Figures(self.registry)
        self._bus = bus
        self._calls = calls
        self._webhooks = webhooks
        self._observer = Observer(
            self.figures,
            endpoint=endpoint,
            tools=Vocabulary(
                TOOLS, lambda name: any(name in each.tools for each in mcp.status().values())
            ),
        )
        self._watch = Watch(
            Thresholds(
                latency_ms=settings.warn_latency_ms,
                tool_ms=settings.warn_tool_ms,
                cost_usd=settings.warn_cost_usd,
            ),
            bus=bus,
            is_live=lambda call_id: call_id in calls.live,
            warned=lambda figure: self.figures.warnings.labels(figure).inc(),
        )
        self._state = State(
            info={"version": version(), "engine": settings.engine},
            calls=calls,
            bus=bus,
            records=records,
            tool_servers=tool_servers,
            is_ready=is_ready,
        )
        self.registry.register(self._state)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Counts from now on."""
        self._running = [
            asyncio.create_task(self._follow(), name="metrics"),
            asyncio.create_task(self._measure_lag(), name="event-loop-lag"),
        ]

    async def close(self) -> None:
        """Stops counting."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running = []

    async def render(self, accept: str) -> tuple[bytes, str]:
        """All figures as text, and its media type, by the ``Accept`` header of who asks."""
        encode, media_type = choose_encoder(accept)
        self._state.refresh(await self._backlog())
        # Some milliseconds of work, which calls are not to wait for.
        return await asyncio.to_thread(encode, self.registry), media_type

    def refused(self, channel: Channel | Literal["outbound"], *, is_off: bool = False) -> None:
        """A call was not taken: the service is full, about to stop, or off for the caller."""
        reason = "off" if is_off else "stopping" if self._calls.is_draining else "busy"
        self.figures.calls_refused.labels(channel, reason).inc()

    async def _backlog(self) -> dict[str, int]:
        """Events that wait for each receiver; nothing of them while the database is away."""
        try:
            async with asyncio.timeout(BACKLOG_TIMEOUT_S):
                found = await self._webhooks.status()
        except (DatabaseAwayError, SQLAlchemyError, OSError):  # TimeoutError is one
            return {}
        return {each.receiver.shown: each.waiting for each in found}

    async def _follow(self) -> None:
        with self._bus.subscribe(backlog=BACKLOG) as events:
            async for event in events:
                if isinstance(event, Missed):
                    logger.warning("the metrics missed {} events", event.count)
                    continue
                try:
                    self._observer.note(event)
                    self._watch.note(event)
                except Exception:
                    logger.exception("an event could not be counted")

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_INTERVAL_S
            await asyncio.sleep(LAG_INTERVAL_S)
            self.figures.loop_lag.observe(max(0.0, loop.time() - due))
