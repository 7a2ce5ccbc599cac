"""Sends the traces of calls to a collector, by OTLP over HTTP, in a thread of their own."""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from loguru import logger
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.util.re import parse_env_headers

from bot.events import EventBus, Missed, Subscription
from bot.settings import Settings
from bot.tracing.call_trace import CallTrace
from bot.version import version
from processors.events.calls import CallEnded, CallStarted
from processors.events.event import Event

BACKLOG = 10_000
STOP_S = 3.0
"""How long the collector may take for the last spans when the service stops."""


EXPORT_LOG = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
SELDOM_S = 60.0


class Seldom(logging.Filter):
    """Lets one line through a minute: of a collector that is away there would be many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._passed_at = -math.inf

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is time for a line again."""
        if self._clock() - self._passed_at < SELDOM_S:
            return False
        self._passed_at = self._clock()
        return True


class _CallIds(RandomIdGenerator):
    """Names each trace after its call: the 32 digits after ``call_``."""

    def __init__(self) -> None:
        self._call_id = ""

    def name_next_after(self, call_id: str) -> None:
        """Of the next trace."""
        self._call_id = call_id

    def generate_trace_id(self) -> int:
        """The call's; a random one for a call whose id has another form."""
        try:
            return int(self._call_id.removeprefix("call_"), 16) or super().generate_trace_id()
        except ValueError:
            return super().generate_trace_id()


class Tracing:
    """Follows the events of all calls; the OpenTelemetry SDK does the rest.

    The provider is ours alone, not the process's: no library's own spans join in.
    """

    def __init__(self, settings: Settings, bus: EventBus) -> None:
        """Prepares the export to `OTEL_EXPORTER_OTLP_ENDPOINT`, which has to be set."""
        headers = settings.otel_exporter_otlp_headers
        self._exporter = OTLPSpanExporter(
            endpoint=f"{settings.otel_exporter_otlp_endpoint}/v1/traces",
            headers=parse_env_headers(headers.get_secret_value(), liberal=True)
            if headers
            else None,
        )
        self._complaints = Seldom()
        logging.getLogger(EXPORT_LOG).addFilter(self._complaints)
        self._ids = _CallIds()
        resource = Resource.create(
            {SERVICE_NAME: settings.otel_service_name, SERVICE_VERSION: version()}
        )
        self._provider = TracerProvider(
            resource=resource, id_generator=self._ids, shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("switchboard", version())
        self._bus = bus
        self._live: dict[str, CallTrace] = {}
        self._events: Subscription | None = None
        self._following: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Traces calls that start from now on."""
        self._events = self._bus.subscribe(backlog=BACKLOG)
        self._following = asyncio.create_task(self._follow(self._events), name="tracing")

    async def close(self) -> None:
        """Ends every span and sends what waits, for `STOP_S` at most."""
        if self._events and self._following:
            self._events.close()
            await self._following
        for call in self._live.values():
            call.close()
        self._live = {}
        await self._stop_export()
        logging.getLogger(EXPORT_LOG).removeFilter(self._complaints)

    async def _stop_export(self) -> None:
        """In a thread that nobody waits for: a collector may hang."""
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()

        def stop() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(stopped.set)

        threading.Thread(target=stop, name="tracing-stop", daemon=True).start()
        try:
            async with asyncio.timeout(STOP_S):
                await stopped.wait()
        except TimeoutError:
            logger.warning("the collector did not take the last traces within {:g} s", STOP_S)
            self._exporter.shutdown()

    async def _follow(self, events: Subscription) -> None:
        async for event in events:
            try:
                self._note(event)
            except Exception:
                logger.exception("an event could not be traced")

    def _note(self, event: Event | Missed) -> None:
        match event:
            case Missed(count):
                logger.warning("the traces missed {} events", count)
                for call in self._live.values():
                    call.missed(count)
            case CallStarted():
                self._ids.name_next_after(event.call_id)
                self._live[event.call_id] = CallTrace(self._tracer, event)
            case CallEnded():
                if ended := self._live.pop(event.call_id, None):
                    ended.close(event)
            case _:
                if known := self._live.get(event.call_id):
                    known.note(event)
