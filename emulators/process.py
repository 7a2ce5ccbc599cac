"""What the emulators' processes do alike: arguments, ``ready <url>``, and an end by signal."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from loguru import logger

from agents import Team, UnknownTeamError, load_team
from emulators.engines import HEARING, SPEECH
from emulators.extras import MissingExtraError
from emulators.realtime.minds.script import ScriptError

_BAD_ARGUMENTS = 2
_REFUSALS = (MissingExtraError, ScriptError, UnknownTeamError, OSError)


def argument_parser(module: str, *, serves: str, port: int) -> argparse.ArgumentParser:
    """For ``python -m module``: where it listens by default, and how much it logs."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}", description=f"{serves} Prints `ready <url>`."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help="0 is a free one")
    parser.add_argument(
        "--log-level",
        default=os.environ.get("LOG_LEVEL", "INFO"),
        type=str.upper,
        help="LOG_LEVEL, INFO",
    )
    return parser


def add_voice_arguments(parser: argparse.ArgumentParser) -> None:
    """Of emulators that hear and speak."""
    parser.add_argument(
        "--teams",
        default=os.environ.get("TEAM", "travel"),
        help="teams whose phrases the ear expects, comma-separated (TEAM, travel); '' for none",
    )
    parser.add_argument("--speech", choices=SPEECH, default=SPEECH[0], help="the voices' engine")
    parser.add_argument("--hearing", choices=HEARING, default=HEARING[0], help="the ear's engine")
    parser.add_argument("--session-minutes", type=float, default=60.0, help="a session's lifetime")


def teams_of(names: str) -> list[Team]:
    """The teams of a comma-separated list. Raises `UnknownTeamError`."""
    return [load_team(name.strip()) for name in names.split(",") if name.strip()]


def end_signal() -> asyncio.Event:
    """Is set by SIGINT and SIGTERM."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


def say_ready(url: str) -> None:
    """Tells whoever started the process where it serves."""
    sys.stdout.write(f"ready {url}\n")
    sys.stdout.flush()


def run(serving: Coroutine[Any, Any, None], log_level: str, *refusals: type[Exception]) -> int:
    """Serves to the end; 2 for arguments that are refused, by ``refusals`` or what all refuse."""
    refused: tuple[type[Exception], ...] = (*refusals, *_REFUSALS)
    logger.remove()
    logger.add(sys.stderr, level=log_level)
    try:
        asyncio.run(serving)
    except refused as error:
        logger.error("{}", error)
        return _BAD_ARGUMENTS
    return 0
