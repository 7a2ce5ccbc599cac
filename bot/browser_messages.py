"""What a page may say to its call, of all that RTVI knows: that it is ready, a line, and goodbye.

Pipecat's processor takes more, which nothing here is made for: audio that passes by the line and
its checks, results of tools that no page runs, files.
"""

from collections.abc import Callable
from typing import Any

from loguru import logger
from pipecat.frames.frames import Frame, InputTransportMessageFrame
from pipecat.processors.frame_processor import FrameDirection
from pipecat.processors.frameworks.rtvi import RTVIProcessor
from pipecat.processors.frameworks.rtvi import models as rtvi
from pydantic import ValidationError

TAKEN = ("client-ready", "send-text", "disconnect-bot")


class BrowserMessages(RTVIProcessor):
    """RTVI's processor, for the messages that mean something here; others get an error.

    Args:
        may_interrupt: Whether a line that is typed may cut what the caller hears; otherwise it only
            becomes part of the conversation.
    """

    def __init__(self, may_interrupt: Callable[[], bool]) -> None:
        super().__init__()
        self._may_interrupt = may_interrupt

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Drops what a page may not say; its contents are in no log, they can be personal."""
        if not isinstance(frame, InputTransportMessageFrame):
            await super().process_frame(frame, direction)
            return
        if _is_taken(frame.message):
            if not self._may_interrupt():
                frame.message = _in_passing(frame.message)
            await super().process_frame(frame, direction)
            return
        logger.debug("a page sent a message that is not taken here")
        await self.send_error_response(_named(frame.message), "this message is not taken here")


def _is_taken(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("label") != rtvi.MESSAGE_LABEL:
        return False
    try:
        known = rtvi.Message.model_validate(message)
        if known.type == "send-text":
            rtvi.SendTextData.model_validate(known.data)
    except ValidationError:
        return False
    return known.type in TAKEN


def _in_passing(message: dict[str, Any]) -> dict[str, Any]:
    """A message that was taken, without the wish to be answered at once."""
    if message["type"] != "send-text":
        return message
    options = {**(message["data"].get("options") or {}), "run_immediately": False}
    return {**message, "data": {**message["data"], "options": options}}


def _named(message: Any) -> rtvi.ClientMessage:
    """The id by which the page knows the message, where it has one."""
    told = message.get("id") if isinstance(message, dict) else None
    return rtvi.ClientMessage(msg_id=told if isinstance(told, str) else "", type="unknown")
