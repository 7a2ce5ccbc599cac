"""``python -m emulators.live``: the Live emulator as a process of its own."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from loguru import logger

from agents import UnknownTeamError, load_team
from emulators.engines import HEARING, SPEECH, hearing_engine, speech_engine
from emulators.extras import MissingExtraError
from emulators.live.server import LiveEmulator
from emulators.realtime.hints import HintSource
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import ScriptError, load_script

_BAD_ARGUMENTS = 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulators.live",
        description="An OpenAI Live (GPT-Live) server that needs no key. Prints `ready <url>`.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8766, help="0 is a free one")
    parser.add_argument(
        "--teams",
        default=os.environ.get("TEAM", "travel"),
        help="teams whose phrases the ear expects, comma-separated (TEAM, travel); '' for none",
    )
    parser.add_argument("--speech", choices=SPEECH, default=SPEECH[0], help="the voices' engine")
    parser.add_argument("--hearing", choices=HEARING, default=HEARING[0], help="the ear's engine")
    parser.add_argument("--script", type=Path, help="a YAML file of turns, instead of rules")
    parser.add_argument("--session-minutes", type=float, default=60.0, help="a session's lifetime")
    parser.add_argument(
        "--log-level",
        default=os.environ.get("LOG_LEVEL", "INFO"),
        type=str.upper,
        help="LOG_LEVEL, INFO",
    )
    return parser


async def _serve(arguments: argparse.Namespace) -> None:
    teams = [load_team(name.strip()) for name in arguments.teams.split(",") if name.strip()]
    hints = HintSource(teams)
    hearing = hearing_engine(arguments.hearing)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    emulator = LiveEmulator(
        mind=load_script(arguments.script) if arguments.script else RulesMind(),
        speech=speech_engine(arguments.speech),
        hearing=hearing,
        hints=hints,
        host=arguments.host,
        port=arguments.port,
        session_minutes=arguments.session_minutes,
    )
    try:
        # The first caller should not wait for the ear to be loaded.
        await hearing.warm_up(hints.for_session("", []))
        async with emulator:
            sys.stdout.write(f"ready {emulator.url}\n")
            sys.stdout.flush()
            await stop.wait()
    finally:
        await hearing.close()


def main() -> int:
    """Serves until SIGINT or SIGTERM; 2 for arguments that are not understood."""
    arguments = _parser().parse_args()
    logger.remove()
    logger.add(sys.stderr, level=arguments.log_level)
    try:
        asyncio.run(_serve(arguments))
    except (MissingExtraError, ScriptError, UnknownTeamError, OSError) as error:
        logger.error("{}", error)
        return _BAD_ARGUMENTS
    return 0


if __name__ == "__main__":
    sys.exit(main())
