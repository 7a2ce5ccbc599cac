"""Shows a browser what happens in its call: the events, as RTVI server messages."""

import asyncio
from typing import Any

from loguru import logger
from pipecat.processors.frameworks.rtvi import RTVIProcessor

from bot.events import Missed, Subscription
from processors.events.conversation import OperatorTranscript
from processors.events.event import Event
from processors.events.figures import Cost, CostLimit, ThresholdExceeded
from processors.events.people import CallHandedBack, CallTakenOver, OperatorAction

NOT_FOR_CALLERS = (OperatorAction, Cost, CostLimit, ThresholdExceeded)
"""What operators tell an agent is not for the caller, nor what a call costs its company."""

OPERATORS = (CallTakenOver, CallHandedBack, OperatorTranscript)
"""Callers are told that a person has the call, and not the name of their key."""


def shown(event: Event) -> dict[str, Any] | None:
    """An event as a caller may see it; None for what is none of their business."""
    if isinstance(event, NOT_FOR_CALLERS):
        return None
    if isinstance(event, OPERATORS):
        event = event.model_copy(update={"by": ""})
    return event.model_dump(mode="json")


async def relay(events: Subscription, rtvi: RTVIProcessor) -> None:
    """Sends a call's events, from the first one on, as soon as the browser says it is ready."""
    ready = asyncio.Event()

    async def on_client_ready(_rtvi: RTVIProcessor) -> None:
        ready.set()

    rtvi.add_event_handler("on_client_ready", on_client_ready)
    await ready.wait()
    async for event in events:
        if isinstance(event, Missed):
            logger.warning("the browser missed {} events", event.count)
        elif message := shown(event):
            await rtvi.send_server_message(message)
