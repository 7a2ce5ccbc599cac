"""When sessions of a call in memory are renewed, and how tests tell."""

import asyncio

from processors.events.conversation import (
    SessionRenewed,
)
from processors.realtime.policy import CallPolicy

POLICY = CallPolicy(session_s=1000, idle_s=None, answer_s=None)
"""Successors are opened at 820 s, may come during the caller's turn from 880 s, come at 940 s."""


def moments(call):
    return [(event.moment, event.age_s) for event in call.of(SessionRenewed)]


def texts(server):
    items = [event["item"] for event in server.of_kind("conversation.item.create")]
    return [i["content"][0]["text"] for i in items if i["type"] == "message"]


async def at(seconds):
    await asyncio.sleep(seconds - asyncio.get_running_loop().time())
