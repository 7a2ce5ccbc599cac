"""Fixtures of the page's tests: the built page, a stand-in for the service, a browser."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from agents import load_team
from tests.console.browser import chromium, require_chromium
from tests.console.service_standin import DIST, ServiceStandIn

NewPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
def built_page() -> Path:
    """Where the built page lies."""
    if not (DIST / "index.html").exists():
        pytest.fail("the page is not built: make console")
    return DIST


@pytest_asyncio.fixture(loop_scope="module")
async def service(built_page) -> AsyncIterator[ServiceStandIn]:
    async with ServiceStandIn(load_team("travel")).serving() as stand_in:
        yield stand_in


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for a module's tests; each page has a context of its own."""
    require_chromium()
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def new_page(browser, service) -> AsyncIterator[NewPage]:
    """Opens the page of the stand-in, after running a script in it where one is given."""
    async with AsyncExitStack() as opened:

        async def open_page(init_script: str = "") -> Page:
            context = await browser.new_context(viewport={"width": 1280, "height": 800})
            opened.push_async_callback(context.close)
            page = await context.new_page()
            await page.add_init_script(init_script)
            await page.goto(service.url)
            return page

        yield open_page


@pytest_asyncio.fixture(loop_scope="module")
async def page(new_page) -> Page:
    return await new_page()
