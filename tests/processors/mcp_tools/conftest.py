from collections.abc import AsyncIterator, Iterator

import pytest
from loguru import logger

from tests.processors.mcp_tools.tool_server import Counter, Uvicorn, Wire, http_app


@pytest.fixture
async def counter() -> Counter:
    return Counter()


@pytest.fixture
async def served(counter: Counter) -> AsyncIterator[Uvicorn]:
    """The counter, over HTTP."""
    http = Uvicorn()
    await http.start(http_app(counter.server))
    try:
        yield http
    finally:
        counter.go_on.set()
        await http.stop()


@pytest.fixture
async def wire(served: Uvicorn) -> AsyncIterator[Wire]:
    wire = Wire(served.port)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    """Log lines of warnings, as they come."""
    lines: list[str] = []
    sink = logger.add(lambda message: lines.append(str(message)), level="WARNING")
    yield lines
    logger.remove(sink)
