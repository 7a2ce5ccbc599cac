"""The media socket lets in what our own webhook announced, over an upgrade that is signed."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot.calls import new_call_id
from emulators.twilio.signature import signature_headers
from tests.bot.phone import CONNECTED, start
from tests.bot.service import Service, model, service, until
from tests.patience import PATIENCE_S

TOKEN = "12345"
PUBLIC = "https://calls.example.com"


async def close_code(running: Service, **parameters: str) -> tuple[int | None, str | None]:
    async with connect(f"{running.ws}/twilio/media", compression=None) as socket:
        for message in (CONNECTED, start("CA1", **parameters)):
            await socket.send(json.dumps(message))
        await asyncio.wait_for(socket.wait_closed(), PATIENCE_S)
    return socket.close_code, socket.close_reason


async def test_a_stream_without_a_token_of_its_call_is_closed_and_nothing_happens():
    async with model() as emulator, service(emulator.url) as running:
        own, foreign = running.stream_parameters("CA1"), running.stream_parameters("CA2")
        tries = {
            "no token": {"call_id": own["call_id"]},
            "a forged token": {**own, "token": own["token"][:-1]},
            "a token of another call": {**own, "call_id": new_call_id()},
        }
        for reason, parameters in tries.items():
            assert await close_code(running, **parameters) == (1008, reason)
        assert await close_code(running, **foreign) == (1008, "a token of another call")
        assert not running.switchboard.calls.live


async def test_a_token_is_not_taken_twice():
    async with model() as emulator, service(emulator.url) as running:
        parameters = running.stream_parameters("CA1")
        async with connect(f"{running.ws}/twilio/media", compression=None) as socket:
            for message in (CONNECTED, start("CA1", **parameters)):
                await socket.send(json.dumps(message))
            await until(lambda: bool(running.switchboard.calls.live))
            replayed = await close_code(running, **parameters)
        await until(lambda: not running.switchboard.calls.live)
    assert replayed == (1008, "a token that was used before")


@pytest.mark.parametrize("public_url", [None, PUBLIC])
async def test_the_upgrade_is_refused_unless_the_carrier_signed_it(public_url):
    settings = {"twilio_auth_token": TOKEN, "public_url": public_url}
    async with model() as emulator, service(emulator.url, **settings) as running:
        local = f"{running.ws}/twilio/media"
        known_as = f"{PUBLIC.replace('http', 'ws')}/twilio/media" if public_url else local
        for headers in (
            {},
            {"X-Twilio-Signature": "AAAA"},
            signature_headers("another token", known_as),
            signature_headers(TOKEN, known_as.replace("ws", "http", 1)),
        ):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(local, additional_headers=headers):
                    pass
            assert refused.value.response.status_code == 403
        for signed in (known_as, f"{known_as}/"):
            async with connect(local, additional_headers=signature_headers(TOKEN, signed)):
                pass


async def test_a_host_header_that_is_none_is_a_wrong_signature():
    async with model() as emulator, service(emulator.url, twilio_auth_token=TOKEN) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(
            b"POST /twilio/voice HTTP/1.1\r\nHost: calls:x\r\nContent-Length: 0\r\n"
            b"Connection: close\r\n\r\n"
        )
        status = await asyncio.wait_for(reader.readline(), PATIENCE_S)
        writer.close()
    assert status.split()[1] in (b"400", b"403")
