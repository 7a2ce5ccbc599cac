"""Limits on every route: body sizes, requests per key and address, guesses, proxies, Redis."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from limits import parse
from redis import asyncio as redis
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot.api.limits import MAX_BODY_BYTES
from bot.rate_limits import RateLimiter
from tests.bot.service import model, service
from tests.bot.test_problems import API_KEYS, KEYS, application, problem
from tests.patience import PATIENCE_S

REDIS = "redis://127.0.0.1:6379/9"


@asynccontextmanager
async def serving(tmp_path, **settings):
    """Asks as another address each time where that is wanted."""
    app = application(tmp_path, **settings)

    async def ask(method: str, url: str, *, client: str = "203.0.113.5", **options):
        transport = httpx.ASGITransport(app, client=(client, 9))
        async with httpx.AsyncClient(transport=transport, base_url="http://a.example") as asking:
            return await asking.request(method, url, **options)

    yield ask


async def parts(size: int) -> AsyncIterator[bytes]:
    """A body whose length nobody announces."""
    for _ in range(size // 65536):
        yield b"x" * 65536
    yield b"x" * (size % 65536)


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("path", ["/api/session", "/api/offer", "/twilio/voice"])
async def test_a_body_that_is_too_big_gets_413_on_every_route(tmp_path, path, announced):
    size = MAX_BODY_BYTES + 1
    async with serving(tmp_path, talk_access="public") as ask:
        response = await ask(
            "POST",
            path,
            content=b"x" * size if announced else parts(size),
            headers={"Content-Type": "application/json"},
        )
    assert response.status_code == 413
    assert str(size - 1) in problem(response)["detail"] or "65536" in problem(response)["detail"]


async def test_too_many_requests_of_an_address_get_429_and_others_go_on(tmp_path):
    async with serving(tmp_path, rate_limit="3/minute", talk_access="public") as ask:
        statuses = [(await ask("GET", "/api/team")).status_code for _ in range(4)]
        refused = await ask("GET", "/api/team")
        other = await ask("GET", "/api/team", client="203.0.113.6")
        probe = await ask("GET", "/health")
        carrier = await ask("POST", "/twilio/voice")
    assert statuses == [200, 200, 200, 429]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    problem(refused)
    assert (other.status_code, probe.status_code, carrier.status_code) == (200, 200, 200)


async def test_an_ipv6_client_has_its_network_not_an_address(tmp_path):
    async with serving(tmp_path, rate_limit="1/minute", talk_access="public") as ask:
        answers = [
            (await ask("GET", "/api/team", client=client)).status_code
            for client in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
        ]
    assert answers == [200, 429, 200]


async def test_a_key_has_a_count_of_its_own_and_a_wrong_one_has_not(tmp_path):
    async with serving(tmp_path, rate_limit="2/minute", api_keys=API_KEYS) as ask:

        async def status(key: str) -> int:
            headers = {"Authorization": f"Bearer {key}"}
            return (await ask("GET", "/api/test/read", headers=headers)).status_code

        assert [await status(f"wrong {n}") for n in range(3)] == [401, 401, 429]
        assert [await status(KEYS["read"]) for _ in range(3)] == [200, 200, 429]
        assert await status(KEYS["admin"]) == 200


async def test_guesses_are_few_and_requests_without_a_key_are_none(tmp_path):
    async with serving(tmp_path, api_keys=API_KEYS) as ask:
        unkeyed = {(await ask("GET", "/api/test/read")).status_code for _ in range(30)}
        guesses = [
            (await ask("POST", "/api/session", json={"key": f"guess {n}"})).status_code
            for n in range(25)
        ]
        right = await ask("POST", "/api/session", json={"key": KEYS["read"]})
    assert unkeyed == {401}
    assert guesses == [401] * 20 + [429] * 5
    assert right.status_code == 201


async def test_calls_from_a_browser_have_a_limit_of_their_own_except_from_this_machine(tmp_path):
    settings = {"talk_access": "public", "call_rate_limit": "2/minute"}
    async with serving(tmp_path, **settings) as ask:
        answers = [(await ask("POST", "/api/offer", json={})).status_code for _ in range(3)]
        local = [
            await ask(
                "POST",
                "http://localhost/api/offer",
                json={},
                client="127.0.0.1",
            )
            for _ in range(3)
        ]
    assert answers == [422, 422, 429]
    assert {response.status_code for response in local} == {422}


async def test_a_socket_too_many_is_refused_and_a_proxy_is_believed_where_it_is_trusted():
    settings = {"talk_access": "public", "call_rate_limit": "1/minute"}
    async with model() as emulator, service(emulator.url, **settings) as running:
        for client, status in (("203.0.113.5", None), ("203.0.113.5", 429), ("203.0.113.6", None)):
            socket = connect(f"{running.ws}/ws", additional_headers={"X-Forwarded-For": client})
            if status is None:
                async with socket:
                    continue
            with pytest.raises(InvalidStatus) as refused:
                async with socket:
                    pass
            assert refused.value.response.status_code == status
            assert refused.value.response.headers["Retry-After"]


async def test_a_stranger_cannot_pretend_to_be_somebody_else():
    settings = {"talk_access": "public", "rate_limit": "2/minute", "trusted_proxies": "10.0.0.0/8"}
    async with (
        model() as emulator,
        service(emulator.url, **settings) as running,
        httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as asking,
    ):
        answers = [
            (
                await asking.get("/api/team", headers={"X-Forwarded-For": f"203.0.113.{n}"})
            ).status_code
            for n in range(3)
        ]
    assert answers == [200, 200, 429]


async def redis_or_skip() -> redis.Redis:
    client = redis.Redis.from_url(REDIS, socket_connect_timeout=1)
    try:
        await client.flushdb()
    except (redis.ConnectionError, redis.TimeoutError) as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI has a Redis at {REDIS}: {error}")
        pytest.skip(f"needs a Redis at {REDIS}: {error}")
    return client


async def test_instances_count_together_over_redis():
    client = await redis_or_skip()
    limit = parse("3/minute")
    one, other = RateLimiter(REDIS), RateLimiter(REDIS)
    try:
        answers = [await limiter.hit(limit, "key a") for limiter in (one, other, one, other)]
    finally:
        await client.flushdb()
        await client.aclose()
    assert answers[:3] == [None] * 3
    assert answers[3]
    assert 1 <= answers[3] <= 60


async def test_without_its_redis_an_instance_counts_for_itself(capsys):
    limiter = RateLimiter("redis://127.0.0.1:1/0")
    limit = parse("2/minute")
    answers = [await limiter.hit(limit, "key a") for _ in range(3)]
    assert answers[:2] == [None, None]
    assert answers[2]
    assert capsys.readouterr().err.count("Redis is away") == 1


async def test_clients_of_the_past_are_forgotten(monkeypatch):
    monkeypatch.setattr("bot.rate_limits.FEWEST_TO_TIDY", 100)
    limiter = RateLimiter()
    limit = parse("1/second")
    for client in range(99):
        assert await limiter.hit(limit, f"address {client}") is None
    assert await limiter.hit(limit, "address 7")
    clients = limiter._counts.events
    async with asyncio.timeout(PATIENCE_S):
        while any(clients.values()):
            await limiter.hit(limit, "address 7")  # by which the library notices that time passes
            await asyncio.sleep(0.05)
            if sum(map(bool, clients.values())) == 1:
                break
    await limiter.hit(limit, "one more")
    await limiter.hit(limit, "and another")
    assert len(clients) < 10
