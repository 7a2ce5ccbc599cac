"""What many live calls cost the Live page: ``python -m tests.console.live_profile``.

Calls are told to a running service, all of them speak at once, and the page is watched meanwhile:
how long its frames take, tasks that held it up, what moved without being asked to, and memory.
"""

import argparse
import asyncio
import gzip
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from loguru import logger
from playwright.async_api import Page, expect
from rich.console import Console
from rich.table import Table

from bot.records.reading import percentile
from processors.events.calls import CallStarted
from processors.events.conversation import AgentChanged, AgentTranscript
from processors.events.figures import Cost, TurnLatency
from tests.bot.service import model, service
from tests.console.browser import chromium
from tests.console.service_standin import DIST
from tests.console.test_build import first_load
from tests.console.told_calls import ToldCall

SENTENCE = "Hotel du Midi has a double room for three nights, with breakfast, at a good price."
WARM_UP_S = 3.0

WATCH = """() => {
  const seen = { frames: [], tasks: [], shift: 0, moved: [] };
  let before = performance.now();
  const frame = (now) => {
    seen.frames.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const watch = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type });
  watch("longtask", (entry) => seen.tasks.push(entry.duration));
  watch("layout-shift", (entry) => {
    if (entry.hadRecentInput) return;
    seen.shift += entry.value;
    for (const { node } of entry.sources)
      seen.moved.push(`${node?.nodeName} ${(node?.textContent ?? "").slice(0, 40)}`);
  });
  window.seen = seen;
}"""


async def speak(calls: Sequence[ToldCall], seconds: float) -> int:
    """Each call says another word a second, and has figures now and then; how many events."""
    told = 0
    begin = asyncio.get_running_loop().time()
    words = SENTENCE.split()
    for step in count():
        call = calls[step % len(calls)]
        turn, word = divmod(step // len(calls), len(words))
        text = " ".join(words[: word + 1])
        call.tell(AgentTranscript(item_id=f"a{turn}", agent="front_desk", text=text, final=False))
        told += 1
        if word == len(words) - 1:
            call.tell(TurnLatency(latency_ms=700), Cost(usd=0.01 * turn, by_kind={}))
            told += 2
        due = begin + step / len(calls)
        if due > begin + seconds:
            return told
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
    return told


async def heap_mb(page: Page) -> float:
    """What the page's scripts hold on to, after the garbage went."""
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.enable")
    await session.send("HeapProfiler.collectGarbage")
    heap = await session.send("Runtime.getHeapUsage")
    return float(heap["usedSize"]) / 1e6


async def profile(number: int, seconds: float) -> Mapping[str, Any]:
    """Watches the page while ``number`` calls speak for ``seconds``."""
    async with (
        model() as emulator,
        service(emulator.url, console=DIST) as running,
        chromium() as browser,
    ):
        calls = [ToldCall(running) for _ in range(number)]
        for place, call in enumerate(calls):
            call.tell(
                CallStarted(team="travel", channel="phone", from_number=f"+1415555{place:04}"),
                AgentChanged(from_agent=None, to_agent="front_desk", voice="marin"),
            )
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(f"{running.http}/live")
        await expect(page.get_by_test_id("live-call")).to_have_count(number)
        await speak(calls, WARM_UP_S)
        heap_before = await heap_mb(page)
        await page.evaluate(WATCH)
        told = await speak(calls, seconds)
        seen: dict[str, Any] = await page.evaluate("() => window.seen")
        return {**seen, "told": told, "heap": (heap_before, await heap_mb(page))}


def report(seen: Mapping[str, Any], number: int, seconds: float) -> Table:
    """The figures as a table."""
    frames, tasks = seen["frames"][1:], seen["tasks"]
    table = Table(title=f"{number} live calls for {seconds:.0f} s, {seen['told']} events")
    table.add_column("")
    table.add_column("", justify="right")
    shares = " / ".join(f"{percentile(frames, share):.1f}" for share in (0.5, 0.95, 0.99, 1))
    table.add_row("frames, ms (median / p95 / p99 / longest)", shares)
    table.add_row(
        "tasks above 50 ms (how many / longest)", f"{len(tasks)} / {max(tasks, default=0):.0f}"
    )
    table.add_row("layout shift", f"{seen['shift']:.4f}")
    for moved in dict.fromkeys(seen["moved"]):
        table.add_row("  moved", moved)
    before, after = seen["heap"]
    table.add_row("heap, MB (before / after)", f"{before:.1f} / {after:.1f}")
    weight = sum(len(gzip.compress(file.read_bytes())) for file in first_load(DIST))
    table.add_row("first load of Talk, kB gzipped", f"{weight / 1000:.0f}")
    return table


def main() -> None:
    """Parses the command line and prints the table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.console.live_profile", description=__doc__
    )
    parser.add_argument("--calls", type=int, default=200, help="live calls (default 200)")
    parser.add_argument("--seconds", type=float, default=20, help="to watch (default 20)")
    arguments = parser.parse_args()
    logger.remove()
    seen = asyncio.run(profile(arguments.calls, arguments.seconds))
    Console().print(report(seen, arguments.calls, arguments.seconds))


if __name__ == "__main__":
    main()
