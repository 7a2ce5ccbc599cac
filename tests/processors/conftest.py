import asyncio

from tests.processors.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(config, item):
    """A module that says `VIRTUAL_TIME = True` never waits for a clock."""
    if getattr(item.module, "VIRTUAL_TIME", False):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
