"""Serve the REST API: calls that are created there ring simulated people and machines."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import BY_ENDING, Callee, Directory
from emulators.twilio.caller import ScriptedCaller
from emulators.twilio.command_options import (
    add_account,
    add_script,
    new_carrier,
    read_manners,
    read_steps,
)
from emulators.twilio.party import Party
from emulators.twilio.rest import rest_app

_BEHAVIOURS = {
    "busy": "0010",
    "no-answer": "0011",
    "failed": "0012",
    "machine": "0013",
    "hangs-up": "0014",
    "silent": "0015",
    "slow": "0016",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8880, help="port to listen on; 0 picks one")
    add_account(parser)
    parser.add_argument(
        "--callee",
        action="append",
        default=[],
        metavar="NUMBER=HOW",
        help=f"who answers numbers that end so: {', '.join(_BEHAVIOURS)} or person",
    )
    add_script(parser)


async def run(options: argparse.Namespace) -> int:
    """Serves until SIGTERM or SIGINT; prints ``ready <url>`` when it does."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    person = _person(options)
    directory = Directory(person, _rules(options.callee, person))
    async with (
        new_carrier(options, directory=directory) as carrier,
        serving(rest_app(carrier), host=options.host, port=options.port) as url,
    ):
        sys.stdout.write(f"ready {url}\n")
        sys.stdout.flush()
        await stopped.wait()
    return 0


def _person(options: argparse.Namespace) -> Callee:
    steps = ["Hello?", *read_steps(options)]
    manners = read_manners(options, listens_first=False)

    def pick_up() -> Party:
        return ScriptedCaller(steps, voice=options.voice, manners=manners)

    return Callee(party=pick_up)


def _rules(given: Sequence[str], person: Callee) -> dict[str, Callee]:
    rules = {}
    for rule in given:
        number, _, how = rule.rpartition("=")
        if not number or (how != "person" and how not in _BEHAVIOURS):
            known = ", ".join([*_BEHAVIOURS, "person"])
            raise ValueError(f"--callee is NUMBER=HOW with HOW one of {known}, not {rule!r}")
        rules[number] = person if how == "person" else BY_ENDING[_BEHAVIOURS[how]]
    return rules
