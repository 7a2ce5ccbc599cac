"""``python -m emulators.realtime``: the Realtime emulator as a process of its own."""

import argparse
import sys
from pathlib import Path

from emulators.engines import hearing_engine, speech_engine
from emulators.process import (
    add_voice_arguments,
    argument_parser,
    end_signal,
    run,
    say_ready,
    teams_of,
)
from emulators.realtime.faults import FaultError, parse_fault
from emulators.realtime.hints import HintsFileError, HintSource, load_hints
from emulators.realtime.mind import Mind
from emulators.realtime.minds.chat import ChatMind
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import ScriptError, load_script
from emulators.realtime.server import RealtimeEmulator


def _parser() -> argparse.ArgumentParser:
    parser = argument_parser(
        "emulators.realtime",
        serves="An OpenAI Realtime (GA) server that needs no key.",
        port=8765,
    )
    add_voice_arguments(parser)
    parser.add_argument("--hints", type=Path, help="a YAML file of more phrases and vocabulary")
    parser.add_argument(
        "--hearing-workers", type=int, choices=range(1, 17), default=1, help="of pocketsphinx"
    )
    parser.add_argument("--mind", choices=("rules", "chat", "script"), default="rules")
    parser.add_argument("--script", type=Path, help="for --mind script: a YAML file of turns")
    parser.add_argument("--chat-url", help="for --mind chat: such as http://localhost:11434/v1")
    parser.add_argument("--chat-model", default="gpt-4o-mini", help="for --mind chat")
    parser.add_argument("--rate", type=float, default=6.0, help="audio, times real time")
    parser.add_argument(
        "--fault", action="append", default=[], help="such as drop:code=1011,events=20; repeatable"
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
    more = load_hints(arguments.hints) if arguments.hints else None
    return HintSource(teams_of(arguments.teams), more)


async def _serve(arguments: argparse.Namespace) -> None:
    faults = [parse_fault(text) for text in arguments.fault]
    mind, hints = _mind(arguments), _hints(arguments)
    speech = speech_engine(arguments.speech)
    hearing = hearing_engine(arguments.hearing, workers=arguments.hearing_workers)
    told = end_signal()
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
            say_ready(emulator.url)
            await told.wait()
    finally:
        await hearing.close()


def main() -> int:
    """Serves until SIGINT or SIGTERM; 2 for arguments that are not understood."""
    arguments = _parser().parse_args()
    return run(_serve(arguments), arguments.log_level, FaultError, HintsFileError)


if __name__ == "__main__":
    sys.exit(main())
