"""A machine that answers with a menu: press one for this, two for that."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.speech import Speech
from emulators.twilio.telephone import Telephone
from emulators.twilio.tone_detector import ToneDetector
from emulators.twilio.voices import speech_of, spoken

PROMPTS = 3
"""How often the choices are said before the machine hangs up."""


@dataclass(frozen=True, slots=True)
class Menu:
    """One menu: what is said, and what comes after each key; a text ends the call after it."""

    prompt: str
    choices: "Mapping[str, Menu | str]" = field(default_factory=dict)


class PhoneMenu:
    """A `Party` that reads a menu out, listens for tones, and stops talking at the first one.

    Args:
        menu: Where it begins.
        voice: Of `emulators.speech_espeak`, or one of flite's.
        answer_s: How long to wait for a key after the choices were said.

    Attributes:
        pressed: Every key that was heard, also those that are no choice.
    """

    def __init__(
        self,
        menu: Menu,
        *,
        voice: str = "caller",
        speech: Speech | None = None,
        answer_s: float = 5.0,
    ) -> None:
        self.pressed = ""
        self._menu = menu
        self._voice = voice
        self._speech = speech or speech_of(voice)
        self._answer_s = answer_s
        self._audio: dict[str, bytes] = {}

    async def prepare(self) -> None:
        """Synthesises everything that may be said."""
        await self._prepare(self._menu)

    async def _prepare(self, menu: Menu | str) -> None:
        text = menu if isinstance(menu, str) else menu.prompt
        self._audio[text] = await spoken(self._speech, text, self._voice)
        if isinstance(menu, Menu):
            for choice in menu.choices.values():
                await self._prepare(choice)

    async def talk(self, phone: Telephone) -> None:
        """Goes through the menus by what is pressed, and hangs up at the end of one."""
        detector = ToneDetector()
        keys: list[str] = []

        def hear(frame: bytes) -> None:
            if key := detector.hear(frame):
                self.pressed += key
                keys.append(key)

        phone.on_heard = hear
        menu: Menu | str = self._menu
        while isinstance(menu, Menu):
            chosen = await self._ask(phone, menu, keys)
            if chosen is None:
                return
            menu = chosen
        await phone.say(self._audio[menu])

    async def _ask(self, phone: Telephone, menu: Menu, keys: list[str]) -> "Menu | str | None":
        for _ in range(PROMPTS):
            keys.clear()
            await phone.pause(0.4)
            await phone.say_until(self._audio[menu.prompt], lambda: bool(keys))
            await phone.until(lambda: bool(keys), timeout_s=self._answer_s)
            if keys and keys[0] in menu.choices:
                return menu.choices[keys[0]]
        return None
