"""The console's session: a key goes in once; only our own page can use the cookie."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.keys import read_api_keys
from bot.sessions import Sessions
from tests.bot.test_problems import API_KEYS, KEYS, application, problem

HTTPS = "https://calls.example.com"


@asynccontextmanager
async def browser(
    tmp_path, base_url: str = "http://127.0.0.1:7860", client: str = "203.0.113.5", **settings
) -> AsyncIterator[httpx.AsyncClient]:
    app = application(tmp_path, **{"api_keys": API_KEYS, **settings})

    transport = httpx.ASGITransport(app, client=(client, 9))
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as asking:
        yield asking


async def signed_in(asking: httpx.AsyncClient, scope: str = "operate") -> dict[str, str]:
    response = await asking.post("/api/session", json={"key": KEYS[scope]})
    assert response.status_code == 201, response.text
    return response.json()


async def test_a_key_opens_a_session_that_has_its_scope(tmp_path):
    async with browser(tmp_path) as asking:
        assert (await asking.get("/api/session")).status_code == 401
        opened = await signed_in(asking)
        me = (await asking.get("/api/session")).json()
        allowed = await asking.get("/api/test/operate")
        beyond = await asking.get("/api/test/admin")
    assert me == opened
    assert (me["name"], me["via"], me["scopes"]) == ("operater", "session", ["read", "operate"])
    assert me["expires_at"]
    assert (allowed.status_code, beyond.status_code) == (200, 403)


@pytest.mark.parametrize(
    ("base_url", "public_url", "secure"),
    [
        ("http://localhost:7860", None, False),
        (HTTPS, None, True),
        ("http://calls.example.com", HTTPS, True),  # as a proxy passes it on
    ],
)
async def test_the_cookie_is_kept_from_scripts_and_other_sites(
    tmp_path, base_url, public_url, secure
):
    async with browser(tmp_path, base_url, public_url=public_url) as asking:
        response = await asking.post("/api/session", json={"key": KEYS["read"]})
    cookie = response.headers["set-cookie"]
    parts = {part.strip().partition("=")[0].lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite", "path", "max-age"} <= parts
    assert "SameSite=strict" in cookie
    assert ("secure" in parts) is secure
    assert cookie.startswith("__Host-") is secure
    assert "domain" not in parts


async def test_a_wrong_key_opens_nothing_and_is_not_repeated(tmp_path, capsys):
    async with browser(tmp_path) as asking:
        response = await asking.post("/api/session", json={"key": "hunter2hunter2hunter2"})
    assert response.status_code == 401
    assert "set-cookie" not in response.headers
    assert problem(response)["field"] == "key"
    assert "hunter2" not in response.text + capsys.readouterr().err


async def test_without_keys_there_is_nothing_to_sign_in_to(tmp_path):
    async with browser(tmp_path, client="127.0.0.1", api_keys=()) as asking:
        me = await asking.get("/api/session")
        response = await asking.post("/api/session", json={"key": "k" * 20})
    assert me.json()["via"] == "local"
    assert response.status_code == 409


async def test_signing_out_ends_the_session_also_for_who_kept_its_cookie(tmp_path):
    async with browser(tmp_path) as asking:
        token = (await signed_in(asking))["csrf_token"]
        kept = dict(asking.cookies)
        response = await asking.delete("/api/session", headers={"X-CSRF-Token": token})
        assert response.status_code == 204
        assert not asking.cookies
        asking.cookies.update(kept)
        assert (await asking.get("/api/session")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "wrong"}, 403),
        ({"X-CSRF-Token": "ä"}, 403),
        ({"X-CSRF-Token": "{token}"}, 204),
        ({"X-CSRF-Token": "{token}", "Origin": "http://127.0.0.1:7860"}, 204),
        ({"X-CSRF-Token": "{token}", "Origin": "https://evil.example"}, 403),
        ({"X-CSRF-Token": "{token}", "Origin": "http://127.0.0.1:7861"}, 403),
        ({"X-CSRF-Token": "{token}", "Origin": "null"}, 403),
        ({"X-CSRF-Token": "{token}", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_a_change_needs_the_token_and_our_own_page(tmp_path, headers, status):
    async with browser(tmp_path) as asking:
        token = (await signed_in(asking))["csrf_token"]
        sent = {name: value.format(token=token).encode() for name, value in headers.items()}
        response = await asking.delete("/api/session", headers=sent)
    assert response.status_code == status


async def test_another_sites_page_cannot_sign_a_visitor_in(tmp_path):
    async with browser(tmp_path) as asking:
        response = await asking.post(
            "/api/session", json={"key": KEYS["read"]}, headers={"Origin": "https://evil.example"}
        )
    assert response.status_code == 403


@pytest.mark.parametrize("cookie", ["", "x", "x.y", "é".encode().decode("latin-1"), "x" * 3000])
async def test_a_forged_cookie_is_nobody(tmp_path, cookie):
    async with browser(tmp_path) as asking:
        response = await asking.get(
            "/api/session", headers={"Cookie": f"switchboard_session={cookie}".encode("latin-1")}
        )
    assert response.status_code == 401


def test_a_session_ends_by_itself_and_with_its_key():
    now = [1_800_000_000.0]
    keys = read_api_keys(API_KEYS)

    def sessions(keys, secret="s") -> Sessions:
        return Sessions(secret, keys, hours=1, clock=lambda: now[0])

    opened = sessions(keys)
    _, cookie = opened.open(keys[0])
    found = opened.find(cookie)
    assert found
    assert found.key == keys[0]
    assert sessions(keys).find(cookie), "another process with the same secret"
    assert not sessions(keys, "other").find(cookie)
    assert not sessions(keys[1:]).find(cookie)
    demoted = read_api_keys(API_KEYS.replace("readr:read:", "readr:admin:"))
    assert not sessions(demoted).find(cookie), "nor does it rise with its key"
    now[0] += 3600
    assert not opened.find(cookie)


WHO_ANSWERS = [("GET", "/api/team"), ("GET", "/api/teams")]
TALK = [("POST", "/api/offer"), ("PATCH", "/api/offer")]


@pytest.mark.parametrize(
    ("access", "client", "headers", "keys", "status"),
    [
        ("local", "127.0.0.1", {}, "", "answered"),
        ("local", "127.0.0.1", {}, API_KEYS, "answered"),
        ("local", "127.0.0.1", {"Origin": "https://evil.example"}, "", 403),
        ("local", "127.0.0.1", {"Host": "evil.example"}, "", 403),
        ("local", "203.0.113.5", {}, "", 403),
        ("local", "203.0.113.5", {}, API_KEYS, 401),
        (
            "local",
            "203.0.113.5",
            {"Authorization": f"Bearer {KEYS['operate']}"},
            API_KEYS,
            "answered",
        ),
        ("local", "203.0.113.5", {"Authorization": f"Bearer {KEYS['read']}"}, API_KEYS, 403),
        ("public", "203.0.113.5", {}, "", "answered"),
        ("public", "203.0.113.5", {"Origin": "https://evil.example"}, "", 403),
        ("public", "203.0.113.5", {"Origin": "https://www.example.com"}, "", "answered"),
        ("key", "127.0.0.1", {}, "", 403),
        ("key", "127.0.0.1", {}, API_KEYS, 401),
        (
            "key",
            "203.0.113.5",
            {"Authorization": f"Bearer {KEYS['operate']}"},
            API_KEYS,
            "answered",
        ),
    ],
)
async def test_who_may_talk_is_up_to_the_setting(tmp_path, access, client, headers, keys, status):
    settings = {
        "talk_access": access,
        "api_keys": keys,
        "cors_origins": "https://www.example.com",
    }
    async with browser(tmp_path, client=client, **settings) as asking:
        for method, path in WHO_ANSWERS + TALK:
            response = await asking.request(method, path, headers=headers)
            if (method, path) in WHO_ANSWERS and KEYS["read"] in headers.get("Authorization", ""):
                # Who may read is told of calls, and so of who answers them.
                assert response.status_code == 200, response.text
                continue
            # An empty offer is wrong (422), which only who may talk is told.
            answered = response.status_code in (200, 422)
            assert (status == "answered") is answered, (path, response.text)
            assert answered or response.status_code == status
