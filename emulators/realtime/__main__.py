"""``python -m emulators.realtime``: the Realtime emulator as a process of its own."""

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
from emulators.realtime.faults import FaultError, parse_fault
from emulators.realtime.hints import HintsFileError, HintSource, load_hints
from emulators.realtime.mind import Mind
from emulators.realtime.minds.chat import ChatMind
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import ScriptError, load_script
from emulators.realtime.server import RealtimeEmulator

_BAD_ARGUMENTS = 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulators.realtime",
        description="An OpenAI Realtime (GA) server that needs no key. Prints `ready <url>`.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765, help="0 is a free one")
    parser.add_argument(
        "--teams",
        default=os.environ.get("TEAM", "travel"),
        help="teams whose phrases the ear expects, comma-separated (TEAM, travel); '' for none",
    )
    parser.add_argument("--hints", type=Path, help="a YAML file of more phrases and vocabulary")
    parser.add_argument("--speech", choices=SPEECH, default=SPEECH[0], help="the voices' engine")
    parser.add_argument("--hearing", choices=HEARING, default=HEARING[0], help="the ear's engine")
    parser.add_argument(
        "--hearing-workers", type=int, choices=range(1, 17), default=1, help="of pocketsphinx"
    )
    parser.add_argument("--mind", choices=("rules", "chat", "script"), default="rules")
    parser.add_argument("--script", type=Path, help="for --mind script: a YAML file of turns")
    parser.add_argument("--chat-url", help="for --mind chat: such as http://localhost:11434/v1")
    parser.add_argument("--chat-model", default="gpt-4o-mini", help="for --mind chat")
    parser.add_argument("--session-minutes", type=float, default=60.0, help="a session's lifetime")
    parser.add_argument("--rate", type=float, default=6.0, help="audio, times real time")
    parser.add_argument(
        "--fault", action="append", default=[], help="such as drop:code=1011,events=20; repeatable"
    )
    parser.add_argument(
        "--log-level",
        default=os.environ.get("LOG_LEVEL", "INFO"),
        type=str.upper,
        help="LOG_LEVEL, INFO",
    )
    return parser


def _mind(arguments: argparse.Namespace) -> Mind:
    match arguments.mind:
        case "chat":
            return ChatMind(arguments.chat_model, base_url=arguments.chat_url)
        case "script":
            if arguments.script is None:
                raise ScriptError("--mind script needs --script with a YAML file of turns")
            return load_script(arguments.script)
        case _:
            return RulesMind()


def _hints(arguments: argparse.Namespace) -> HintSource:
    teams = [load_team(name.strip()) for name in arguments.teams.split(",") if name.strip()]
    return HintSource(teams, load_hints(arguments.hints) if arguments.hints else None)


async def _serve(arguments: argparse.Namespace) -> None:
    faults = [parse_fault(text) for text in arguments.fault]
    mind, hints = _mind(arguments), _hints(arguments)
    speech = speech_engine(arguments.speech)
    hearing = hearing_engine(arguments.hearing, workers=arguments.hearing_workers)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    emulator = RealtimeEmulator(
        mind=mind,
        speech=speech,
        hearing=hearing,
        hints=hints,
        host=arguments.host,
        port=arguments.port,
        rate=arguments.rate,
        session_minutes=arguments.session_minutes,
    )
    try:
        # The first caller should not wait for the ear to be loaded.
        await hearing.warm_up(hints.for_session("", []))
        async with emulator:
            for fault in faults:
                emulator.arm(fault)
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
    except (
        *(FaultError, HintsFileError, MissingExtraError, ScriptError, UnknownTeamError, OSError),
    ) as error:
        logger.error("{}", error)
        return _BAD_ARGUMENTS
    return 0


if __name__ == "__main__":
    sys.exit(main())
