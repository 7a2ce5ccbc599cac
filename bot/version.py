"""The version of the code that runs: the one in ``pyproject.toml``."""

import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent


@cache
def version() -> str:
    """Such as ``0.1.0``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])
