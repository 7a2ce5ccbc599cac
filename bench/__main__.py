"""``python -m bench``: Switchboard and a bare bridge under the same calls, one after the other."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.ledger import Ledger
from bench.probe_caller import place_call
from bench.probe_model import ProbeModel
from bench.server_under_test import serving

WARM_UP_S = 3.0

STAGGER_S = 0.17
"""Between the starts of two calls: callers do not speak in step."""

CONTENDERS = {
    "bare bridge": (["bench.bare_bridge"], "/docs"),
    "switchboard": (["bot.run"], "/ready"),
}

DELAYS = {
    "caller_to_model": "caller → model",
    "model_to_caller": "model → caller",
    "interruption": "interruption",
}


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one contender; delays in milliseconds, one per measured frame or event."""

    cpu_percent_per_call: float
    mib_per_call: float
    caller_to_model: Sequence[float]
    model_to_caller: Sequence[float]
    interruption: Sequence[float]
    lost_frames: int


async def measure(module: Sequence[str], ready_path: str, calls: int, seconds: float) -> Result:
    """Runs ``calls`` calls of ``seconds`` at once against one contender, after a warm-up call."""
    warm_up, ledger = Ledger(), Ledger()
    async with ProbeModel(warm_up) as model, serving(module, model.url, ready_path) as server:
        await place_call(server.url, 0, WARM_UP_S, warm_up)
        model.ledger = ledger
        before = server.cost()

        async def place(call: int) -> None:
            await asyncio.sleep(call * STAGGER_S)
            await place_call(server.url, call, seconds, ledger)

        placed = [asyncio.create_task(place(call)) for call in range(calls)]
        # Memory is read while the calls are live, just before the first one ends.
        await asyncio.sleep(seconds - 1)
        live = server.cost()
        await asyncio.gather(*placed)
        after = server.cost()
    return Result(
        cpu_percent_per_call=(after.cpu_s - before.cpu_s) / seconds / calls * 100,
        mib_per_call=(live.rss_bytes - before.rss_bytes) / calls / 2**20,
        caller_to_model=ledger.caller_audio.delays_ms,
        model_to_caller=ledger.model_audio.delays_ms,
        interruption=ledger.interruptions.delays_ms,
        lost_frames=ledger.caller_audio.missing,
    )


def _delay(values: Sequence[float]) -> str:
    if not values:
        return "none measured"
    ordered = sorted(values)
    return f"{median(ordered):.2f} / {ordered[int(len(ordered) * 0.99)]:.2f}"


def _report(results: dict[str, Result], calls: int, seconds: float) -> Table:
    table = Table(title=f"{calls} phone calls at once for {seconds:.0f} s, per call")
    table.add_column("")
    for name in results:
        table.add_column(name, justify="right")
    ours, bare = results["switchboard"], results["bare bridge"]
    table.add_column("ratio", justify="right")
    table.add_row(
        "CPU, % of a core",
        *(f"{r.cpu_percent_per_call:.2f}" for r in results.values()),
        f"{ours.cpu_percent_per_call / max(bare.cpu_percent_per_call, 1e-9):.2f}",
    )
    table.add_row("memory, MiB", *(f"{r.mib_per_call:.2f}" for r in results.values()), "")
    for figure, label in DELAYS.items():
        delays = {name: getattr(result, figure) for name, result in results.items()}
        ratio = ""
        if all(delays.values()):
            ratio = f"{median(delays['switchboard']) / median(delays['bare bridge']):.2f}"
        table.add_row(f"{label}, ms (median / p99)", *map(_delay, delays.values()), ratio)
    table.add_row("caller's frames lost", *(str(r.lost_frames) for r in results.values()), "")
    return table


def main() -> None:
    """Parses the command line and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--calls", type=int, default=10, help="calls at once (default 10)")
    parser.add_argument("--seconds", type=float, default=20, help="length of a call (default 20)")
    arguments = parser.parse_args()
    results = {
        name: asyncio.run(measure(module, ready_path, arguments.calls, arguments.seconds))
        for name, (module, ready_path) in CONTENDERS.items()
    }
    Console().print(_report(results, arguments.calls, arguments.seconds))


if __name__ == "__main__":
    main()
