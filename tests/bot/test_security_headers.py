"""What browsers are told with every response, and what other sites' pages are."""

import httpx
import pytest

from tests.bot.test_problems import application

SITE = "https://www.example.com"


async def answer(tmp_path, method: str, url: str, *, settings=None, **options) -> httpx.Response:
    app = application(tmp_path, **(settings or {}))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as asking:
        return await asking.request(method, url, **options)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/team"),
        ("GET", "/api/nothing"),
        ("POST", "/health"),
        ("GET", "/api/test/broken"),
        ("POST", "/twilio/voice"),
    ],
)
async def test_every_response_has_the_headers_also_an_error(tmp_path, method, path):
    headers = (await answer(tmp_path, method, path)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    caching = "no-store" if path.startswith("/api/") else {"/": "no-cache"}.get(path)
    assert headers.get("Cache-Control") == caching


@pytest.mark.parametrize(
    ("url", "public_url"),
    [
        ("https://calls.example.com/health", None),
        ("http://calls.example.com/health", "https://calls.example.com"),
    ],
)
async def test_an_https_address_is_to_stay_one(tmp_path, url, public_url):
    response = await answer(tmp_path, "GET", url, settings={"public_url": public_url})
    assert response.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("origins", ["", SITE])
async def test_other_sites_pages_may_read_what_the_setting_says(tmp_path, origins):
    settings = {"cors_origins": origins}
    preflight = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
    asked = await answer(tmp_path, "OPTIONS", "/api/offer", settings=settings, headers=preflight)
    read = await answer(tmp_path, "GET", "/api/team", settings=settings, headers={"Origin": SITE})
    stranger = await answer(
        tmp_path, "GET", "/api/team", settings=settings, headers={"Origin": "https://evil.example"}
    )
    allowed = SITE if origins else None
    assert asked.headers.get("Access-Control-Allow-Origin") == allowed
    assert read.headers.get("Access-Control-Allow-Origin") == allowed
    assert read.status_code == (200 if origins else 403)
    assert stranger.status_code == 403
    assert "Access-Control-Allow-Origin" not in stranger.headers
