"""``python -m emulators.chat``: the chat completions emulator as a process of its own."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from loguru import logger

from emulators.chat.app import chat_app
from emulators.realtime.mind import Mind
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import ScriptError, load_script
from emulators.twilio.asgi_server import serving

_BAD_ARGUMENTS = 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulators.chat",
        description="OpenAI chat completions that need no key. Prints `ready <url>`.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8766, help="0 is a free one")
    parser.add_argument("--script", type=Path, help="a YAML file of turns instead of the rules")
    parser.add_argument(
        "--log-level",
        default=os.environ.get("LOG_LEVEL", "INFO"),
        type=str.upper,
        help="LOG_LEVEL, INFO",
    )
    return parser


async def _serve(arguments: argparse.Namespace) -> None:
    mind: Mind = load_script(arguments.script) if arguments.script else RulesMind()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(chat_app(mind), host=arguments.host, port=arguments.port) as url:
        sys.stdout.write(f"ready {url}/v1\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> int:
    """Serves until SIGINT or SIGTERM; 2 for arguments that are not understood."""
    arguments = _parser().parse_args()
    logger.remove()
    logger.add(sys.stderr, level=arguments.log_level)
    try:
        asyncio.run(_serve(arguments))
    except (ScriptError, OSError) as error:
        logger.error("{}", error)
        return _BAD_ARGUMENTS
    return 0


if __name__ == "__main__":
    sys.exit(main())
