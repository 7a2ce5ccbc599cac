"""``python -m emulators.chat``: the chat completions emulator as a process of its own."""

import argparse
import sys
from pathlib import Path

from emulators.chat.app import chat_app
from emulators.process import argument_parser, end_signal, run, say_ready
from emulators.realtime.mind import Mind
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import load_script
from emulators.twilio.asgi_server import serving


def _parser() -> argparse.ArgumentParser:
    parser = argument_parser(
        "emulators.chat", serves="OpenAI chat completions that need no key.", port=8766
    )
    parser.add_argument("--script", type=Path, help="a YAML file of turns instead of the rules")
    return parser


async def _serve(arguments: argparse.Namespace) -> None:
    mind: Mind = load_script(arguments.script) if arguments.script else RulesMind()
    told = end_signal()
    async with serving(chat_app(mind), host=arguments.host, port=arguments.port) as url:
        say_ready(f"{url}/v1")
        await told.wait()


def main() -> int:
    """Serves until SIGINT or SIGTERM; 2 for arguments that are not understood."""
    arguments = _parser().parse_args()
    return run(_serve(arguments), arguments.log_level)


if __name__ == "__main__":
    sys.exit(main())
