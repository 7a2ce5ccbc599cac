"""Warns of calls with a figure past its threshold: once for each call and figure."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from loguru import logger

from bot.events import EventBus
from processors.events.calls import CallStarted
from processors.events.event import Event
from processors.events.figures import Cost, ThresholdExceeded, TurnLatency
from processors.events.tools import ToolFinished

CALLS_KEPT = 10_000
"""Calls that are remembered, also after their end: what one has cost is known then."""

Figure = Literal["latency_ms", "tool_ms", "cost_usd"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a figure may be at most; 0 stands for anything."""

    latency_ms: float
    tool_ms: float
    cost_usd: float


class Watch:
    """Compares every event with the thresholds.

    Args:
        thresholds: Of this service.
        bus: Where a warning is published while its call is live.
        is_live: Whether a call of that id is live.
        warned: Called with the figure of each warning.
    """

    def __init__(
        self,
        thresholds: Thresholds,
        *,
        bus: EventBus,
        is_live: Callable[[str], bool],
        warned: Callable[[Figure], None],
    ) -> None:
        self._thresholds = thresholds
        self._bus = bus
        self._is_live = is_live
        self._warned = warned
        self._given: OrderedDict[str, set[Figure]] = OrderedDict()

    def note(self, event: Event) -> None:
        """Warns if there is a reason."""
        match event:
            case CallStarted():
                self._given[event.call_id] = set()
                if len(self._given) > CALLS_KEPT:
                    self._given.popitem(last=False)
            case TurnLatency():
                self._compare(event, "latency_ms", event.latency_ms)
            case Cost():
                self._compare(event, "cost_usd", event.usd)
            case ToolFinished():
                self._compare(event, "tool_ms", event.duration_ms)

    def _compare(self, event: Event, figure: Figure, value: float) -> None:
        threshold: float = getattr(self._thresholds, figure)
        given = self._given.get(event.call_id)
        if given is None or figure in given or not threshold or value <= threshold:
            return
        given.add(figure)
        self._warned(figure)
        log = logger.bind(call_id=event.call_id)
        log.warning("{} is {:g}, above the threshold of {:g}", figure, value, threshold)
        # The last event of a call is that it has ended; this may be noticed after it.
        if self._is_live(event.call_id):
            exceeded = ThresholdExceeded(figure=figure, value=value, threshold=threshold)
            self._bus.emitter(event.call_id)(exceeded)
