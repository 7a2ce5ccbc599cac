"""The code folder: which files there are, and no way out of it."""

import os
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_BYTES = 1024 * 1024
MAX_FILES = 20_000
_SKIPPED = {"node_modules", "__pycache__", "dist", "build", "target", "venv", "site-packages"}
_SNIFFED = 8192


class OutsideError(ValueError):
    """The path names nothing in the folder: it leads out of it, or no text file is there."""


class CodeFolder:
    """Text files below one root. Hidden ones, dependencies and build results are not among them."""

    def __init__(self, root: Path) -> None:
        """Points at a folder.

        Raises:
            ValueError: There is no such folder.
        """
        self.root = root.resolve()
        if not self.root.is_dir():
            raise ValueError(f"{root} is not a folder")

    def files(self) -> Iterator[Path]:
        """A folder's files before those of its folders, by name; links are not followed."""
        count = 0
        for folder, names, files in os.walk(self.root):
            names[:] = sorted(n for n in names if n not in _SKIPPED and not n.startswith("."))
            for name in sorted(files):
                path = Path(folder, name)
                if not name.startswith(".") and not path.is_symlink():
                    yield path
                    count += 1
                    if count == MAX_FILES:
                        return

    def name(self, path: Path) -> str:
        """The path as it is written in answers: below the root, with slashes."""
        return path.relative_to(self.root).as_posix()

    def text(self, name: str) -> str:
        """What stands in a file.

        Raises:
            OutsideError: The path leads out of the folder (by ``..``, from the root of the disk or
                over a link), is hidden or left out, or holds no text of a size to be read.
        """
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root) or any(
            part.startswith(".") or part in _SKIPPED for part in path.relative_to(self.root).parts
        ):
            raise OutsideError(f"{name} is not in the folder")
        text = read_text(path) if path.is_file() else None
        if text is None:
            raise OutsideError(f"{name} is not a text file of the folder")
        return text


def read_text(path: Path) -> str | None:
    """A file's text; None for one that is too large, not text, or gone."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    if b"\0" in content[:_SNIFFED]:
        return None
    return content.decode("utf-8", "replace")
