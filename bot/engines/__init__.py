"""The APIs by which a call's voice model is reached: one module each, named as ``VOICE_ENGINE``."""

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engines.engine import Engine

_NO_ENGINE = "engine"


def engine_names() -> list[str]:
    """The modules of this package that are engines, sorted."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(module.name for module in modules if module.name != _NO_ENGINE)


def engine_named(name: str) -> "type[Engine]":
    """The ``ENGINE`` of ``bot/engines/<name>.py``.

    Raises:
        LookupError: There is none of that name.
    """
    if name not in engine_names():
        raise LookupError(f"no engine {name!r}; there is {', '.join(engine_names())}")
    engine: type[Engine] = importlib.import_module(f"bot.engines.{name}").ENGINE
    return engine
