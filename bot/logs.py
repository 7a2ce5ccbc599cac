"""Sends everything that logs, ours and the libraries', to stderr through loguru, masked.

For people on a terminal a short line; for machines one JSON object a line, with the call on each.
"""

import inspect
import logging
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

import orjson
from loguru import logger

from bot.masking import Mask

if TYPE_CHECKING:
    from loguru import Message

LogFormat = Literal["auto", "console", "json"]

FORMAT = (
    "<dim>{time:HH:mm:ss.SSS}</dim> <level>{level: <7}</level> "
    "<cyan>{extra[call_id]}</cyan> <level>{message}</level>"
)

QUIET = (
    "aiortc",
    "aioice",
    "alembic",
    "asyncio",
    "httpx",
    "httpx2",
    "mcp",
    "twilio",
    "uvicorn",
    "websockets",
)
"""Libraries that tell operators too much: at debug level, of every packet of audio."""

NOISE: dict[str | None, str | int | bool] = {
    "pipecat": "WARNING",
    # Takes what a peer sends wrongly for our error, and some of it into the line; the line itself
    # is ended for it by `bot.transports.websocket`, which says so.
    "pipecat.serializers.protobuf": "CRITICAL",
    "pipecat.processors.frameworks.rtvi": "ERROR",
    # Warns of every call that it has no video, and of every pause in its audio.
    "pipecat.transports.smallwebrtc": "ERROR",
}
"""From which level on modules that log through loguru themselves are worth reading."""


class _ToLoguru(logging.Handler):
    """Passes records of the standard library's logging on to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        frame, depth = inspect.currentframe(), 0
        while frame and (depth == 0 or frame.f_code.co_filename == logging.__file__):
            frame, depth = frame.f_back, depth + 1
        logger.opt(depth=depth, exception=record.exc_info).log(level, record.getMessage())


def configure_logging(
    level: str, *, log_format: LogFormat = "auto", secrets: Iterable[str] = ()
) -> None:
    """Sets the one sink up.

    Args:
        level: A loguru level name.
        log_format: ``auto`` is ``console`` on a terminal and ``json`` elsewhere.
        secrets: What no line may contain, besides what masking recognises by its form.
    """
    verbose = level in ("TRACE", "DEBUG")
    on_terminal = sys.stderr.isatty()
    for_people = log_format == "console" or (log_format == "auto" and on_terminal)
    mask = Mask(secrets)
    logger.remove()
    logger.configure(extra={"call_id": "-"})
    # No variable values in tracebacks: they can be somebody's personal data.
    logger.add(
        _lines(mask) if for_people else _json_lines(mask),
        level=level,
        format=FORMAT if for_people else "{message}",
        colorize=for_people and on_terminal,
        filter=None if verbose else NOISE,
        diagnose=False,
        backtrace=False,
    )
    logging.basicConfig(handlers=[_ToLoguru()], level="DEBUG" if verbose else level, force=True)
    if level != "TRACE":
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)


def _lines(mask: Mask) -> Callable[["Message"], None]:
    """Writes what loguru has formatted, traceback included."""

    def write(message: "Message") -> None:
        sys.stderr.write(mask(str(message)))

    return write


def _json_lines(mask: Mask) -> Callable[["Message"], None]:
    """Writes one object for each record, whatever line breaks its texts have."""

    def write(message: "Message") -> None:
        record = message.record
        line: dict[str, object] = {
            "time": record["time"].isoformat(timespec="milliseconds"),
            "level": record["level"].name,
            "call_id": record["extra"].get("call_id", "-"),
            "logger": record["name"],
            "message": mask(record["message"]),
        }
        for name, value in record["extra"].items():
            if name != "call_id":
                line[name] = mask(str(value))
        if error := record["exception"]:
            line["exception"] = mask(
                "".join(traceback.format_exception(error.type, error.value, error.traceback))
            )
        sys.stderr.write(orjson.dumps(line).decode() + "\n")

    return write
