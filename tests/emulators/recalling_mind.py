"""A mind for tests that answers from what stands in the conversation, word for word."""

import re
from collections.abc import AsyncIterator

from emulators.realtime.mind import Action, Prompt, Say

_DIRECTIVE = re.compile(r'say to the caller: "(.*)"', re.IGNORECASE | re.DOTALL)
_PROMISED = re.compile(r"Your colleague said to the caller: (.*)")
_COACHED = re.compile(r"A colleague who listens in gives you this instruction.*: (.*)")

UNKNOWING, COACHED = "I know nothing of it", "For you it comes without any charge"


class RecallingMind:
    """Says what it is told to say.

    Asked about a promise it says what a colleague said to the caller. Otherwise it says that it
    knows nothing, or, once it was coached, that it knows better.
    """

    async def respond(self, prompt: Prompt) -> AsyncIterator[Action]:
        told = prompt.instructions if prompt.instructions != prompt.session_instructions else ""
        if directive := _DIRECTIVE.search(told):
            yield Say(directive[1])
            return
        notes = [_text(item) for item in prompt.items if item.get("role") == "system"]
        asked = [_text(item) for item in prompt.items if item.get("role") == "user"]
        if asked and "promise" in asked[-1]:
            known = [found[1] for note in notes if (found := _PROMISED.search(note))]
            yield Say(" and ".join(known) or UNKNOWING)
        else:
            yield Say(COACHED if any(_COACHED.search(note) for note in notes) else UNKNOWING)


def _text(item) -> str:
    parts = item.get("content") or ()
    return " ".join(str(part.get("text") or part.get("transcript") or "") for part in parts)
