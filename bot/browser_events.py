"""Shows a browser what happens in its call: the events, as RTVI server messages."""

import asyncio

from loguru import logger
from pipecat.processors.frameworks.rtvi import RTVIProcessor

from bot.events import Missed, Subscription
from processors.events import Cost, CostLimit, OperatorAction, ThresholdExceeded

NOT_FOR_CALLERS = (OperatorAction, Cost, CostLimit, ThresholdExceeded)
"""What operators tell an agent is not for the caller, nor what a call costs its company."""


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
        elif not isinstance(event, NOT_FOR_CALLERS):
            await rtvi.send_server_message(event.model_dump(mode="json"))
