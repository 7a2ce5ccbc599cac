"""``python -m emulators.live``: the Live emulator as a process of its own."""

import argparse
import sys
from pathlib import Path

from emulators.engines import hearing_engine, speech_engine
from emulators.live.server import LiveEmulator
from emulators.process import (
    add_voice_arguments,
    argument_parser,
    end_signal,
    run,
    say_ready,
    teams_of,
)
from emulators.realtime.hints import HintSource
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import load_script


def _parser() -> argparse.ArgumentParser:
    parser = argument_parser(
        "emulators.live", serves="An OpenAI Live (GPT-Live) server that needs no key.", port=8766
    )
    add_voice_arguments(parser)
    parser.add_argument("--script", type=Path, help="a YAML file of turns, instead of rules")
    return parser


async def _serve(arguments: argparse.Namespace) -> None:
    hints = HintSource(teams_of(arguments.teams))
    hearing = hearing_engine(arguments.hearing)
    told = end_signal()
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
            say_ready(emulator.url)
            await told.wait()
    finally:
        await hearing.close()


def main() -> int:
    """Serves until SIGINT or SIGTERM; 2 for arguments that are not understood."""
    arguments = _parser().parse_args()
    return run(_serve(arguments), arguments.log_level)


if __name__ == "__main__":
    sys.exit(main())
