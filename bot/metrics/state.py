"""How things stand at the moment that somebody asks: what no event counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.calls import CallRegistry
from bot.events import EventBus
from bot.metrics.figures import CALL
from bot.metrics.vocabulary import Vocabulary
from bot.records.service import Records


class State(Collector):
    """Read where the calls run (`refresh`), rendered in another thread (`collect`)."""

    def __init__(
        self,
        *,
        info: Mapping[str, str],
        calls: CallRegistry,
        bus: EventBus,
        records: Records,
        tool_servers: Callable[[], Mapping[str, str]],
        is_ready: Callable[[], bool],
    ) -> None:
        self._info = dict(info)
        self._calls = calls
        self._bus = bus
        self._records = records
        self._tool_servers = tool_servers
        self._is_ready = is_ready
        self._teams = Vocabulary(50)
        self._metrics: tuple[Metric, ...] = ()

    def refresh(self, webhooks_waiting: Mapping[str, int]) -> None:
        """Looks how things stand; ``webhooks_waiting`` are events by receiver."""
        self._metrics = tuple(self._read(webhooks_waiting))

    def collect(self) -> Iterable[Metric]:
        """As of the last look."""
        return self._metrics

    def _read(self, webhooks_waiting: Mapping[str, int]) -> Iterable[Metric]:
        yield InfoMetricFamily("switchboard", "Version and engine.", value=self._info)
        yield _gauge("ready", "1 when a call would be taken.", self._is_ready())
        live = GaugeMetricFamily("switchboard_calls_live", "Calls at this moment.", labels=CALL)
        for labels, count in Counter(self._kinds_of_calls()).items():
            live.add_metric(labels, count)
        yield live
        yield _gauge("records_up", "1 while the records' database answers.", self._records.is_up)
        yield _gauge(
            "records_waiting_bytes",
            "Events on disk that are not in the database yet.",
            self._records.waiting_bytes,
        )
        waiting = GaugeMetricFamily(
            "switchboard_webhooks_waiting",
            "Events that a receiver has not taken yet.",
            labels=("receiver",),
        )
        for receiver, count in webhooks_waiting.items():
            waiting.add_metric((receiver,), count)
        yield waiting
        servers = GaugeMetricFamily(
            "switchboard_tool_server_up", "1 while a tool server answers.", labels=("server",)
        )
        for name, state in self._tool_servers().items():
            servers.add_metric((name,), state == "up")
        yield servers
        yield _gauge("event_subscribers", "Readers of events.", self._bus.subscribers)
        yield CounterMetricFamily(
            "switchboard_events_missed",
            "Events that a subscriber was too slow for.",
            value=self._bus.missed,
        )

    def _kinds_of_calls(self) -> Iterable[tuple[str, str, str]]:
        for call in self._calls.live.values():
            channel = call.line.channel if call.line else "connecting"
            yield self._teams.label(call.plan.team.name), channel, call.plan.direction


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"switchboard_{name}", text, value=value)
