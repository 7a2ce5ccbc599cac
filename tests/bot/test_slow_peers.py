"""Peers that stop reading: they hold up nobody, and are gone after a while."""

import asyncio
import json
import socket

import pytest
from websockets.asyncio.client import connect

from bot import serve
from tests.bot.phone import CONNECTED, media, start
from tests.bot.service import model, service, until

ENDLESS = """
opening:
  - say: Hello there, this is a long greeting which goes on and on and on for quite some time
turns:
  - do: [{say: Very well then}]
"""


async def stops_reading(running, uri):
    """A WebSocket with the smallest buffers there are, of which nothing is read."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", running.port))
    return await connect(uri, sock=raw, compression=None, max_queue=1, ping_interval=None)


@pytest.mark.call
async def test_a_carrier_that_reads_nothing_any_more_is_gone_after_two_pings(monkeypatch):
    monkeypatch.setattr(serve, "PING_S", 0.5)
    async with model(ENDLESS) as emulator, service(emulator.url) as running:
        phone = await stops_reading(running, f"{running.ws}/twilio/media")
        await phone.send(json.dumps(CONNECTED))
        await phone.send(json.dumps(start("CA1", **running.stream_parameters("CA1"))))
        phone.transport.pause_reading()
        await until(lambda: bool(running.switchboard.calls.live))
        await phone.send(json.dumps(media(b"\xff" * 160)))
        await until(lambda: not running.switchboard.calls.live)
        assert not emulator.sessions
        phone.transport.abort()
