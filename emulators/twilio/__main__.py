"""``python -m emulators.twilio``: place a call, serve the REST API, play scenarios."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from loguru import logger

from emulators.twilio import command_call, command_scenario, command_serve, command_suite

COMMANDS = {
    "call": command_call,
    "serve": command_serve,
    "suite": command_suite,
    "scenario": command_scenario,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns the exit code: 0, 1 for a call that failed, 2 for bad usage."""
    parser = argparse.ArgumentParser(prog="python -m emulators.twilio", description=__doc__)
    parser.add_argument("--log-level", default="WARNING", help="of the log on stderr")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        module.add_arguments(commands.add_parser(name, help=module.__doc__))
    options = parser.parse_args(arguments)
    logger.remove()
    logger.add(sys.stderr, level=options.log_level.upper())
    try:
        exit_code: int = asyncio.run(COMMANDS[options.command].run(options))
    except (ValueError, OSError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return 130
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
