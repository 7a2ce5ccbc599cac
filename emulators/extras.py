"""Engines that are not installed by default, imported when they are chosen."""

import importlib
from typing import Any


class MissingExtraError(RuntimeError):
    """An engine was chosen whose extra is not installed; the message says how to install it."""

    def __init__(self, extra: str) -> None:
        super().__init__(
            f"the engine {extra!r} is not installed; install it with: "
            f".venv/bin/uv pip install --python .venv/bin/python -r pyproject.toml --extra {extra}"
        )


def import_extra(module: str, extra: str) -> Any:
    """A module of an extra of ``pyproject.toml``; raises `MissingExtraError` if it is not there."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(extra) from error
