"""Sends everything that logs, ours and the libraries', to stderr through loguru."""

import inspect
import logging
import sys

from loguru import logger

FORMAT = (
    "<dim>{time:HH:mm:ss.SSS}</dim> <level>{level: <7}</level> "
    "<cyan>{extra[call_id]}</cyan> <level>{message}</level>"
)

QUIET = ("aiortc", "aioice", "asyncio", "httpx", "httpx2", "mcp", "twilio", "uvicorn", "websockets")
"""Libraries that tell operators too much: at debug level, of every packet of audio."""

NOISE: dict[str | None, str | int | bool] = {
    "pipecat": "WARNING",
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


def configure_logging(level: str) -> None:
    """Sets the one sink up; ``level`` is a loguru level name."""
    verbose = level in ("TRACE", "DEBUG")
    logger.remove()
    logger.configure(extra={"call_id": "-"})
    # No variable values in tracebacks: they can be somebody's personal data.
    logger.add(
        sys.stderr,
        level=level,
        format=FORMAT,
        filter=None if verbose else NOISE,
        diagnose=False,
        backtrace=False,
    )
    logging.basicConfig(handlers=[_ToLoguru()], level="DEBUG" if verbose else level, force=True)
    if level != "TRACE":
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)
