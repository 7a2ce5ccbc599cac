"""The command line: ``python -m bot.run`` serves, ``python -m bot.run mic`` talks from here."""

import argparse
import gc
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StartError
from bot.logs import configure_logging
from bot.settings import Settings, read_settings


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on; a line on stderr and exit code 2 when it can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        sys.stderr.write(f"HOST and PORT should be free: cannot use {host}:{port}: {error}\n")
        raise SystemExit(2) from None
    listener.setblocking(False)
    return listener


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.run",
        description="Answers calls. Settings come from the environment: docs/settings.md.",
    )
    commands = parser.add_subparsers(dest="command", metavar="mic")
    mic = commands.add_parser("mic", help="talk through this machine's microphone instead")
    mic.add_argument("--input", type=Path, help="a WAV file in place of the microphone")
    mic.add_argument("--output", type=Path, help="write what is heard to this WAV file")
    options = parser.parse_args(arguments)
    if options.command == "mic" and options.output and not options.input:
        parser.error("--output goes with --input")
    return options


@contextmanager
def uncollected() -> Iterator[None]:
    """Keeps the garbage collector out of what is imported meanwhile, then and later.

    None of it is ever garbage. To look for some takes a quarter of the start's time, and would
    stop the sound of every call for a third of a second whenever all objects are gone through.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def run(options: argparse.Namespace, settings: Settings) -> None:
    """Carries a command out.

    What it needs is imported here: the libraries take seconds, and log lines of their own, which
    nobody wants before "PORT should be a valid integer".
    """
    import uvloop

    if options.command == "mic":
        with uncollected():
            from bot.talk import talk
            from bot.transports.microphone import SoundCard, WavFiles

        device = WavFiles(options.input, options.output) if options.input else SoundCard()
        uvloop.run(talk(settings, device))
        return
    listener = listen(settings.host, settings.port)
    with uncollected():
        from bot.serve import serve

    uvloop.run(serve(settings, listener))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; 0 for a proper end, 1 when something it needs did not start."""
    options = parse(arguments)
    settings = read_settings()
    configure_logging(
        settings.log_level, log_format=settings.log_format, secrets=settings.secrets()
    )
    try:
        run(options, settings)
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
