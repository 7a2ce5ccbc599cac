"""Prometheus' view of the service: what calls leave behind there, and what they must not."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from loguru import logger
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from bot.metrics.vocabulary import Vocabulary
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for
from bot.version import ROOT
from processors.events.calls import CallEnded, CallStarted, Problem
from processors.events.conversation import AgentChanged, Interruption, SessionState
from processors.events.event import Event
from processors.events.figures import Cost, Quality, ThresholdExceeded, TurnLatency, Usage
from processors.events.tools import ToolFinished
from tests.bot.service import model, service, until
from tests.bot.test_phone_calls import handset
from tests.patience import PATIENCE_S

CALL = "call_" + "1" * 32


def figures(text: str) -> dict[str, float]:
    """Samples by name and labels, as they are written."""
    return {
        sample.name + "".join(f" {k}={v}" for k, v in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Counted:
    """A switchboard that does nothing but count."""

    def __init__(self, folder: Path, **settings: object) -> None:
        chosen = Settings(_env_file=None, data_dir=folder, **settings)
        self.switchboard = Switchboard(chosen, endpoint=endpoint_for(chosen), tool_servers={})
        self.metrics = self.switchboard.metrics

    async def after(self, *events: Event) -> dict[str, float]:
        self.metrics.start()
        await asyncio.sleep(0)
        emit = self.switchboard.bus.emitter(CALL)
        for event in events:
            emit(event)
        for _ in range(10):
            await asyncio.sleep(0)
        text, _type = await self.metrics.render("")
        await self.metrics.close()
        return figures(text.decode())


STARTED = CallStarted(
    team="travel", channel="phone", from_number="+14155550111", to_number="+14155550100"
)


def finished(tool: str, *, is_error: bool = False, duration_ms: float = 120.0) -> ToolFinished:
    return ToolFinished(
        tool_call_id="t1", tool=tool, output="", is_error=is_error, duration_ms=duration_ms
    )


async def test_a_call_is_counted_with_what_happened_in_it(tmp_path):
    line = Quality(
        jitter_ms=2,
        worst_jitter_ms=12,
        gaps=1,
        missing_ms=500,
        received_ms=59_500,
        speech_dbfs=-20,
        noise_dbfs=-60,
        clipped=0,
        mos=4.3,
    )
    usage = Usage(response_id="r1", model="gpt-realtime-2.1", input_text_tokens=7)
    shown = await Counted(tmp_path).after(
        STARTED,
        TurnLatency(latency_ms=450),
        finished("search_hotels"),
        usage,
        usage,
        Interruption(item_id="i1", heard_ms=10),
        AgentChanged(from_agent=None, to_agent="front_desk", voice="marin"),
        AgentChanged(from_agent="front_desk", to_agent="hotel_booking", voice="cedar"),
        Problem(source="realtime", code="connection_lost", message="gone"),
        Cost(usd=0.25, by_kind={"realtime": 0.2, "carrier": 0.05}),
        Cost(usd=0.625, by_kind={"realtime": 0.5, "carrier": 0.125}),
        line.model_copy(update={"mos": 4.0}),
        line,
        CallEnded(reason="caller", duration_s=61),
        Cost(usd=0.75, by_kind={"realtime": 0.5, "carrier": 0.25}),
    )
    labels = " channel=phone direction=inbound"
    assert shown[f"switchboard_calls_started_total{labels} team=travel"] == 1
    assert shown[f"switchboard_calls_ended_total{labels} reason=caller team=travel"] == 1
    assert shown["switchboard_turn_latency_seconds_sum channel=phone team=travel"] == 0.45
    assert shown["switchboard_tool_calls_total outcome=ok tool=search_hotels"] == 1
    assert shown["switchboard_tokens_total kind=input_text model=gpt-realtime-2.1"] == 14
    assert shown["switchboard_cost_usd_total kind=realtime"] == pytest.approx(0.5)
    assert shown["switchboard_cost_usd_total kind=carrier"] == pytest.approx(0.25)
    assert shown["switchboard_interruptions_total team=travel"] == 1
    assert shown["switchboard_handoffs_total team=travel to_agent=hotel_booking"] == 1
    assert "switchboard_handoffs_total team=travel to_agent=front_desk" not in shown
    key = "switchboard_errors_total code=connection_lost fatal=false source=realtime"
    assert shown[key] == 1
    assert shown["switchboard_line_mos_sum channel=phone"] == pytest.approx(4.3)
    assert shown["switchboard_line_missing_seconds_total channel=phone"] == 0.5


async def test_sessions_count_by_how_long_they_took_and_where_they_went(tmp_path):
    def state(name: str, second: int, detail: str = "") -> SessionState:
        return SessionState(state=name, detail=detail, at=f"2026-11-21T10:00:0{second}Z")

    shown = await Counted(tmp_path, openai_api_key="any").after(
        STARTED,
        state("connecting", 0),
        state("ready", 1, "openai"),
        state("lost", 2),
        state("reconnecting", 2),
        state("ready", 5, "eu.example.com"),
    )
    assert shown["switchboard_session_start_seconds_sum kind=first"] == 1
    assert shown["switchboard_session_start_seconds_sum kind=again"] == 3
    assert shown["switchboard_session_states_total state=reconnecting"] == 1
    assert shown["switchboard_session_failovers_total endpoint=eu.example.com"] == 1
    assert "switchboard_session_failovers_total endpoint=openai" not in shown


async def test_tools_that_do_not_exist_share_one_label(tmp_path):
    made_up = [finished(f"made_up_{i}", is_error=True) for i in range(50)]
    shown = await Counted(tmp_path).after(STARTED, *made_up, finished("end_call"))
    tools = {name.rpartition("tool=")[2] for name in shown if "tool_calls_total" in name}
    assert tools == {"other", "end_call"}
    assert shown["switchboard_tool_calls_total outcome=error tool=other"] == 50


def test_a_label_has_as_many_values_as_it_may_and_none_that_is_no_name():
    words = Vocabulary(2)
    found = [words.label(value) for value in ("a", "+14155550111", "4155550111", "b", "c", "a")]
    assert found == ["a", "other", "other", "b", "other", "a"]


async def test_no_number_and_no_id_is_in_the_figures(tmp_path):
    counted = Counted(tmp_path)
    await counted.after(
        STARTED,
        Problem(source="call", code="+14155550111", message="+14155550111"),
        CallEnded(reason="caller", duration_s=1),
    )
    text, _type = await counted.metrics.render("")
    assert "5550111" not in text.decode()
    assert CALL not in text.decode()


async def test_services_in_one_process_count_for_themselves(tmp_path):
    await Counted(tmp_path).after(STARTED)
    shown = await Counted(tmp_path).after()
    assert not [name for name in shown if "calls_started_total" in name]


async def test_the_documentation_has_every_figure_and_no_other(tmp_path):
    metrics = Counted(tmp_path).metrics
    await metrics.render("")
    families = [each for each in metrics.registry.collect() if each.name.startswith("switchboard")]
    suffixes = {"counter": "_total", "info": "_info"}
    ours = {each.name + suffixes.get(each.type, "") for each in families}
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = page.partition("| figure | labels |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(switchboard_\w+)`", table)) == ours
    used = set(re.findall(r"switchboard_\w+", page.partition("## Alerts")[2]))
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in used} <= ours


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lambda message: lines.append(message.record["message"]), level="WARNING")
    yield lines
    logger.remove(sink)


async def test_a_call_is_warned_of_once_for_each_figure(tmp_path, warnings):
    counted = Counted(tmp_path)
    switchboard = counted.switchboard
    call = switchboard.calls.admit(CALL)
    events = switchboard.bus.subscribe(call_id=CALL)
    shown = await counted.after(
        STARTED,
        TurnLatency(latency_ms=1000),
        TurnLatency(latency_ms=1200),
        TurnLatency(latency_ms=1300),
        finished("search_hotels", duration_ms=2500),
        Cost(usd=0.5, by_kind={}),
        Cost(usd=0.75, by_kind={}),
    )
    call.release()
    events.close()
    exceeded = [event async for event in events if isinstance(event, ThresholdExceeded)]
    assert [(e.figure, e.value, e.threshold) for e in exceeded] == [
        ("latency_ms", 1200, 1000),
        ("tool_ms", 2500, 2000),
        ("cost_usd", 0.75, 0.5),
    ]
    assert warnings == [
        "latency_ms is 1200, above the threshold of 1000",
        "tool_ms is 2500, above the threshold of 2000",
        "cost_usd is 0.75, above the threshold of 0.5",
    ]
    assert shown["switchboard_warnings_total figure=latency_ms"] == 1


async def test_a_threshold_of_0_is_none(tmp_path, warnings):
    await Counted(tmp_path, warn_latency_ms=0).after(STARTED, TurnLatency(latency_ms=9000))
    assert warnings == []


async def test_metrics_ask_for_a_key_that_may_read():
    keys = "prometheus:read:0123456789abcdef"
    async with (
        service("ws://127.0.0.1:9", api_keys=keys) as running,
        httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as client,
    ):
        refused = await client.get("/metrics")
        bearer = {"Authorization": "Bearer 0123456789abcdef"}
        plain = await client.get("/metrics", headers=bearer)
        accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
        open_metrics = await client.get("/metrics", headers=bearer | accept)
    assert refused.status_code == 401
    assert plain.status_code == 200
    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert open_metrics.headers["content-type"].startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    ("settings", "reason"), [({"max_calls": 1}, "busy"), ({"flags": "service=off"}, "off")]
)
async def test_calls_that_are_not_taken_are_counted(settings, reason):
    async with (
        service("ws://127.0.0.1:9", **settings) as running,
        httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as client,
    ):
        if reason == "busy":
            running.switchboard.calls.admit()
        await client.post("/twilio/voice", data={"CallSid": "CA1", "From": "+14155550111"})
        await client.post("/api/calls", json={"to": "+14155550123"})
        async with connect(f"{running.ws}/ws") as page:
            await page.wait_closed()
        shown = figures((await client.get("/metrics")).text)
        for call in list(running.switchboard.calls.live.values()):
            call.release()
    for channel in ("phone", "outbound", "websocket"):
        assert shown[f"switchboard_calls_refused_total channel={channel} reason={reason}"] == 1


async def test_a_live_phone_call_shows_and_then_does_not():
    live = "switchboard_calls_live channel=phone direction=inbound team=travel"
    async with (
        model() as emulator,
        service(emulator.url) as running,
        httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as client,
    ):
        async with handset(running, "CA1") as phone:
            listening = asyncio.create_task(phone.listens())
            await phone.chunk_heard.wait()
            during = figures((await client.get("/metrics")).text)
        await listening
        await until(lambda: not running.switchboard.calls.live)
        await until(lambda: running.switchboard.records.is_up)
        after = figures((await client.get("/metrics")).text)
    assert during[live] == 1
    assert live not in after
    assert after["switchboard_session_start_seconds_count kind=first"] == 1
    assert after["switchboard_records_up"] == 1
    assert after["switchboard_ready"] == 1
    assert after["switchboard_event_loop_lag_seconds_count"] >= 0
    assert sum(v for k, v in after.items() if k.startswith("switchboard_calls_ended_total")) == 1
