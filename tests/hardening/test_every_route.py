"""Every route of the API asks who is there, whatever it does: none was forgotten."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.bot.service import Service, service
from tests.patience import PATIENCE_S

ADMIN, READER = "admin-key-0123456789", "reader-key-0123456789"
OPEN = {("POST", "/api/session")}
"""Where somebody without a key or a session comes for one."""

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
READERS_OWN = {("DELETE", "/api/session")}
"""Changes of what is nobody else's."""


@pytest.fixture
async def running() -> AsyncIterator[Service]:
    keys = f"boss:admin:{ADMIN},wall:read:{READER}"
    async with service(
        "ws://127.0.0.1:9", api_keys=keys, talk_access="key", rate_limit="100000/second"
    ) as here:
        yield here


def operations(here: Service) -> list[tuple[str, str]]:
    """Every method and address of the API."""
    found = [
        (method.upper(), path)
        for path, methods in here.app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/api/") or path == "/metrics"
    ]
    assert len(found) > 20
    return [each for each in found if each not in OPEN]


async def statuses(here: Service, asked: list[tuple[str, str]], **options) -> dict[str, int]:
    """What each answers with; a path's parameters are as they may be in anybody's request."""
    got = {}
    async with httpx.AsyncClient(base_url=here.http, timeout=PATIENCE_S, **options) as client:
        for method, path in asked:
            answer = await client.request(method, path.replace("{", "").replace("}", ""), json={})
            got[f"{method} {path}"] = answer.status_code
    return got


async def test_without_a_key_there_is_nothing(running):
    got = await statuses(running, operations(running))
    assert set(got.values()) == {401}, got


async def test_a_key_that_reads_changes_nothing(running):
    asked = [each for each in operations(running) if each[0] in CHANGING]
    asked = [each for each in asked if each not in READERS_OWN]
    got = await statuses(running, asked, headers={"Authorization": f"Bearer {READER}"})
    assert set(got.values()) == {403}, got


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": ""}],
    ids=["none", "wrong", "empty"],
)
async def test_a_session_changes_nothing_without_its_token(running, headers):
    async with httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as client:
        assert (await client.post("/api/session", json={"key": ADMIN})).status_code == 201
        cookies = dict(client.cookies)
    asked = [each for each in operations(running) if each[0] in CHANGING]
    got = await statuses(running, asked, cookies=cookies, headers=headers)
    assert set(got.values()) == {403}, got


async def test_another_sites_page_gets_nothing_by_a_visitors_session(running):
    async with httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as client:
        token = (await client.post("/api/session", json={"key": ADMIN})).json()["csrf_token"]
        cookies = dict(client.cookies)
    theirs = {"Origin": "https://evil.example", "X-CSRF-Token": token}
    got = await statuses(running, operations(running), cookies=cookies, headers=theirs)
    assert set(got.values()) == {403}, got
