"""The agents' way to a person, for calls that can be transferred."""

from bot.transfer_order import TransferError, TransferOrder
from bot.transports.line import Line
from bot.transports.twilio import TwilioLine
from processors.call_control import transfer_to_human_tool
from processors.tools import Tool
from processors.voice_model import VoiceModel


def transfer_tools(line: Line, number: str | None, model: VoiceModel) -> list[Tool]:
    """``transfer_to_human``, where a caller can be transferred and there is somebody to take them.

    ``model`` is told when nothing comes of it.
    """
    if not isinstance(line, TwilioLine) or line.transfer is None or number is None:
        return []
    begin = line.transfer

    async def transfer(reason: str, summary: str) -> None:
        try:
            await begin(TransferOrder(to=number, reason=reason, summary=summary))
        except TransferError as error:
            model.tell(f"The transfer was not begun: {error}.", respond=True)

    def given_up() -> None:
        model.tell("The caller went on talking: they were not transferred.", respond=False)

    return [transfer_to_human_tool(transfer, given_up)]
