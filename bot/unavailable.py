"""The way out of a call that no model can go on with: an apology, then what the settings say."""

from bot.announcements import APOLOGY, TRANSFER, Announcements
from bot.follow_up import Apologise, Dial, FollowUp, HangUp
from bot.settings import Settings
from bot.transports.line import Line
from processors.voice_model import VoiceModel


async def apologise(
    model: VoiceModel, line: Line, announcements: Announcements, settings: Settings
) -> FollowUp:
    """Says sorry on the line, and returns what its carrier is to do for the caller after that."""
    colleague = settings.transfer_number if settings.when_unavailable == "transfer" else None
    if line.channel == "phone" and colleague:
        await model.play(announcements.clip(TRANSFER, line.sample_rate))
        return Dial(colleague)
    heard = await model.play(announcements.clip(APOLOGY, line.sample_rate))
    return HangUp() if heard else Apologise()
