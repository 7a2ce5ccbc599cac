import logging
import sys
from collections.abc import Iterator

import pytest
from loguru import logger


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undoes what a test configures, and writes to whatever stderr is at the moment."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logger.remove()
    logger.configure(extra={})
    logger.add(lambda message: sys.stderr.write(message), level="INFO")
