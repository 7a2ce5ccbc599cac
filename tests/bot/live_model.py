"""GPT-Live as tests of calls have it: emulated, with a voice that costs nothing."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from emulators.live import LiveEmulator
from emulators.realtime.mind import Action, Call, Mind, Prompt, Say
from emulators.realtime.minds.dialogue import text_of
from tests.bot.service import Service, service
from tests.emulators.standins import ScriptedHearing, ToneSpeech

NOWHERE = "ws://127.0.0.1:9"


class Desk:
    """Answers by what was said last, for whichever agent has the session."""

    async def respond(self, prompt: Prompt) -> AsyncIterator[Action]:
        for action in self._actions(prompt):
            yield action

    def _actions(self, prompt: Prompt) -> Sequence[Action]:
        told = prompt.instructions
        if told.startswith("Say to the caller"):
            return [Say(told.split('"')[1])]
        names = {tool["name"] for tool in prompt.tools}
        last = prompt.items[-1] if prompt.items else {}
        if last.get("type") == "function_call_output":
            ended = "goodbye" in last["output"]
            return [Say("Goodbye then" if ended else f"The tool says {last['output'][:20]}")]
        heard = " ".join(
            text_of(item)
            for item in prompt.items
            if item["type"] == "message" and item["role"] == "user"
        )
        if "transfer_to_front_desk" in names:
            if heard.endswith("goodbye"):
                return [Call("end_call", {"reason": "the caller said goodbye"})]
            return [Say("Which city should the hotel be in?")]
        if heard.endswith("hotel"):
            arguments = {"reason": "a hotel is wanted", "context": "no city yet"}
            return [Say("One moment"), Call("transfer_to_hotel_booking", arguments)]
        if heard.endswith("one"):
            return [Call("send_digits", {"digits": "1"})]
        if heard.endswith("broken"):
            return [Call("send_digits", {"digit": 1}), Call("there_is_none", {})]
        return [Say("Very well then")]


@asynccontextmanager
async def live_model(
    hearing: Iterable[str] = (), mind: Mind | None = None, **options: Any
) -> AsyncIterator[LiveEmulator]:
    """The emulator, which hears these lines whatever is said."""
    async with LiveEmulator(
        mind=mind or Desk(),
        speech=ToneSpeech(),
        hearing=ScriptedHearing(hearing, check=False),
        **options,
    ) as emulator:
        yield emulator


@asynccontextmanager
async def live_service(url: str, **settings: Any) -> AsyncIterator[Service]:
    """The service, whose calls are held by GPT-Live at ``url``."""
    async with service(NOWHERE, voice_engine="live", openai_live_url=url, **settings) as running:
        yield running
