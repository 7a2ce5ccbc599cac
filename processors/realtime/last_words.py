"""What the caller said last belongs in the records, although they have hung up."""

from processors.realtime.caller import Caller
from processors.realtime.session import Session

LAST_WORDS_S = 2.0
"""How long the end of a call may wait for a transcript that is due."""


async def hear_last_words(session: Session | None, caller: Caller) -> None:
    """Returns when the words of all turns are known, or won't be any more.

    A turn that the hang-up cut off would never end for the server: no silence follows it. So it is
    committed as far as it goes.
    """
    if session is None or session.is_lost:
        return
    if caller.hang_up():
        session.commit_audio()
    if caller.has_unknown_words:
        await caller.transcribed(LAST_WORDS_S)
