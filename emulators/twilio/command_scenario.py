"""Make a scenario of a call that took place, to be played again; prints YAML."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import httpx

from emulators.twilio.suite.from_call import scenario_of, written
from emulators.twilio.suite.replaying import turns_in
from emulators.twilio.suite.scenario import Recorded

TIMEOUT_S = 60.0
PAGE = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("call_id", help="as its events and its record name it")
    parser.add_argument("--url", default="http://localhost:7860", help="the service that had it")
    parser.add_argument("--key", default=os.environ.get("SWITCHBOARD_KEY"), help="of a reader")
    parser.add_argument(
        "--audio",
        type=Path,
        metavar="FILE",
        help="fetch its recording into this file, and play the caller's side of it again",
    )


async def run(options: argparse.Namespace) -> int:
    """Prints the scenario. Raises ``ValueError`` when the call can't be had, or be played."""
    headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
    call = f"/api/calls/{options.call_id}"
    try:
        async with httpx.AsyncClient(
            base_url=options.url, headers=headers, timeout=TIMEOUT_S
        ) as http:
            record = (await _get(http, call)).json()
            events = await _events(http, call)
            recorded = None
            if options.audio:
                options.audio.write_bytes((await _get(http, f"{call}/recording")).content)
                recorded = Recorded(audio=options.audio.name, turns=tuple(turns_in(options.audio)))
    except httpx.HTTPError as error:
        raise ValueError(f"{options.url}: {error}") from error
    sys.stdout.write(written(scenario_of(record, events, recorded)))
    return 0


async def _get(http: httpx.AsyncClient, path: str) -> httpx.Response:
    answer = await http.get(path)
    answer.raise_for_status()
    return answer


async def _events(http: httpx.AsyncClient, call: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while True:
        after = events[-1]["sequence"] if events else 0
        answer = await http.get(
            f"{call}/events",
            params={"after": after, "limit": PAGE},
            headers={"Accept": "application/json"},
        )
        answer.raise_for_status()
        page = answer.json()["events"]
        events += page
        if len(page) < PAGE:
            return events
