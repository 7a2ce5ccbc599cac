"""The way out of a call that no model can go on with: an apology, then what the settings say."""

from bot.announcements import APOLOGY, CALLED_APOLOGY, TRANSFER, Announcements
from bot.follow_up import Apologise, Dial, FollowUp, HangUp
from bot.plan import Direction
from bot.settings import Settings
from bot.transports.line import Line
from processors.voice_model import VoiceModel


async def apologise(
    model: VoiceModel,
    line: Line,
    announcements: Announcements,
    settings: Settings,
    direction: Direction,
) -> FollowUp:
    """Says sorry on the line, and returns what its carrier is to do for the caller after that.

    Nobody whom we called is asked to call again, nor given to a colleague: it was we who wanted
    something of them.
    """
    colleague = settings.transfer_number if settings.when_unavailable == "transfer" else None
    if line.channel == "phone" and direction == "inbound" and colleague:
        await model.play(announcements.clip(TRANSFER, line.sample_rate))
        return Dial(colleague)
    apology = APOLOGY if direction == "inbound" else CALLED_APOLOGY
    heard = await model.play(announcements.clip(apology, line.sample_rate))
    return HangUp() if heard else Apologise()
