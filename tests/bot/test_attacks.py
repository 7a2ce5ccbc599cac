"""Every row of the table of attacks in docs/security.md is tried, and gets what the row says."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from httpx import AsyncClient
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot import impatience
from bot.api import limits
from bot.calls import new_call_id
from emulators.twilio.signature import signature_headers
from tests.bot.phone import CONNECTED, start
from tests.bot.service import Service, service
from tests.patience import PATIENCE_S

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| ([^|]+?) \| (\d+) \|$", PAGE.partition("## Attacks")[2], re.MULTILINE))

KEY, READER, EAGER = "operator-0123456789", "reader-0123456789ab", "eager-0123456789abc"
SETTINGS = {
    "open": {},
    "keys": {
        "api_keys": f"console:operate:{KEY},wall:read:{READER},eager:read:{EAGER}",
        "rate_limit": "60/minute",
    },
    "signed": {"twilio_auth_token": "12345"},
    "hurried": {},
}
END = f"/api/calls/{new_call_id()}/end"
ELSEWHERE = {"X-Forwarded-For": "203.0.113.5"}
EVIL = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
CALL = {"CallSid": "CA1", "AccountSid": "AC1"}

Attack = Callable[[Service, AsyncClient], Awaitable[int]]
ATTACKS: dict[str, tuple[str, Attack]] = {}


def attack(row: str, settings: str = "open") -> Callable[[Attack], Attack]:
    def note(tried: Attack) -> Attack:
        ATTACKS[row] = settings, tried
        return tried

    return note


def key(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


async def upgrade(url: str, **headers: str) -> int:
    """What an upgrade is answered with; 101 when it is let in."""
    try:
        async with connect(url, additional_headers=headers):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def stream(running: Service, **parameters: str) -> int:
    """The code with which a media stream is closed."""
    async with connect(f"{running.ws}/twilio/media", compression=None) as socket:
        for message in (CONNECTED, start("CA1", **parameters)):
            await socket.send(json.dumps(message))
        await asyncio.wait_for(socket.wait_closed(), PATIENCE_S)
    return socket.close_code or 0


@attack("another machine controls a call; there are no keys")
async def _(running, http):
    return (await http.post(END, headers=ELSEWHERE)).status_code


@attack("a tunnel, or a name that resolves to 127.0.0.1, leads to the control API; no keys")
async def _(running, http):
    return (await http.post(END, headers={"Host": "evil.example"})).status_code


@attack("another site's page has a visitor's browser control a call; no keys")
async def _(running, http):
    return (await http.post(END, headers=EVIL)).status_code


@attack("another machine opens the page's socket")
async def _(running, http):
    return await upgrade(f"{running.ws}/ws", **ELSEWHERE)


@attack("another site's page opens the page's socket")
async def _(running, http):
    return await upgrade(f"{running.ws}/ws", **EVIL)


@attack("a request without a key", "keys")
async def _(running, http):
    return (await http.post(END)).status_code


@attack("a wrong key", "keys")
async def _(running, http):
    return (await http.post(END, headers=key(KEY[:-1]))).status_code


@attack("the 21st wrong key in a minute", "keys")
async def _(running, http):
    tries = [await http.post(END, headers=key(f"guess-{n}")) for n in range(21)]
    # The row before has made one more.
    assert [one.status_code for one in tries[:19]] == [401] * 19
    return tries[-1].status_code


@attack("a key with a smaller scope", "keys")
async def _(running, http):
    return (await http.post(END, headers=key(READER))).status_code


@attack("a session's cookie without its token, as a foreign form would send it", "keys")
async def _(running, http):
    assert (await http.post("/api/session", json={"key": KEY})).status_code == 201
    return (await http.post(END)).status_code


@attack("a session's cookie and token from another site's page", "keys")
async def _(running, http):
    token = (await http.post("/api/session", json={"key": KEY})).json()["csrf_token"]
    return (await http.post(END, headers={**EVIL, "X-CSRF-Token": token})).status_code


@attack("a cookie that was kept past sign-out", "keys")
async def _(running, http):
    token = (await http.post("/api/session", json={"key": KEY})).json()["csrf_token"]
    kept, headers = dict(http.cookies), {"X-CSRF-Token": token}
    assert (await http.delete("/api/session", headers=headers)).status_code == 204
    http.cookies.update(kept)
    return (await http.post(END, headers=headers)).status_code


@attack("a webhook that the carrier did not sign", "signed")
async def _(running, http):
    return (await http.post("/twilio/voice", data=CALL)).status_code


@attack("a signed webhook with a changed body", "signed")
async def _(running, http):
    headers = signature_headers("12345", f"{running.http}/twilio/voice", CALL)
    honest = await http.post("/twilio/voice", data=CALL, headers=headers)
    assert honest.status_code == 200
    changed = {**CALL, "CallSid": "CA2"}
    return (await http.post("/twilio/voice", data=changed, headers=headers)).status_code


@attack("a media socket that the carrier did not sign", "signed")
async def _(running, http):
    return await upgrade(f"{running.ws}/twilio/media")


@attack("a media stream without a token")
async def _(running, http):
    return await stream(running, call_id=new_call_id())


@attack("a media stream with a token that was used")
async def _(running, http):
    given = running.stream_parameters("CA1")
    running.switchboard.stream_tokens.redeem(
        given["token"], call_id=given["call_id"], provider_call_id="CA1"
    )
    return await stream(running, **given)


@attack("a media stream with the token of another call")
async def _(running, http):
    return await stream(running, **running.stream_parameters("CA2"))


@attack("a body of 300 KiB")
async def _(running, http):
    return (await http.post("/api/offer", content=b" " * 300 * 1024)).status_code


@attack("the 61st request in a minute, where `RATE_LIMIT` is 60", "keys")
async def _(running, http):
    statuses = [(await http.get("/api/team", headers=key(EAGER))).status_code for _ in range(61)]
    assert set(statuses[:-1]) == {200}
    return statuses[-1]


@attack("a file outside the page's folder")
async def _(running, http):
    return (await http.get("/assets/..%2f..%2f..%2fpyproject.toml")).status_code


async def raw(running: Service, sent: bytes) -> int:
    """The status that something gets that no client would send; it stays open on that end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(sent)
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    return int(answer.split(b" ", 2)[1]) if answer else 0


@attack("a request's head that never ends")
async def _(running, http):
    return await raw(running, b"GET /health HTTP/1.1\r\nX-More: " + b"x" * 100_000)


@attack("a body that does not arrive", "hurried")
async def _(running, http):
    head = b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    return await raw(running, head + b"Content-Length: 9\r\n\r\n{")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n", b"GET /health HTTP/1.1\r\n\r\nGET /h"],
    ids=["nothing", "half an upgrade", "half of a second request"],
)
async def test_who_never_comes_to_the_point_is_hung_up_on(monkeypatch, sent):
    monkeypatch.setattr(impatience, "HEAD_S", 0.3)
    async with service("ws://127.0.0.1:9") as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(sent)
        await asyncio.wait_for(reader.read(), PATIENCE_S)
        writer.close()


@asynccontextmanager
async def target(tmp_path, settings) -> AsyncIterator[tuple[Service, AsyncClient]]:
    (tmp_path / "index.html").write_text("the page")
    # No attack gets as far as the model.
    async with (
        service("ws://127.0.0.1:9", console=tmp_path, **settings) as running,
        AsyncClient(base_url=running.http) as http,
    ):
        yield running, http
        assert not running.switchboard.calls.live


def test_the_table_and_the_attempts_are_the_same():
    assert set(ROWS) == set(ATTACKS)


@pytest.mark.parametrize("settings", SETTINGS)
async def test_an_attack_gets_what_the_table_says(tmp_path, monkeypatch, settings):
    got = {}
    if settings == "hurried":
        monkeypatch.setattr(limits, "BODY_S", 0.3)
    async with target(tmp_path, SETTINGS[settings]) as (running, http):
        for row, (needed, tried) in ATTACKS.items():
            if needed == settings:
                http.cookies.clear()
                got[row] = await tried(running, http)
    assert got == {row: int(ROWS[row]) for row in got}
    assert got
