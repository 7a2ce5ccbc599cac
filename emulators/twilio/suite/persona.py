"""Who calls: a voice, a pace, a room with its noise, a way of speaking."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from emulators.speech_espeak import VOICES
from emulators.twilio.voices import FLITE_VOICES


def _voice(name: str) -> str:
    known = {*VOICES, *FLITE_VOICES}
    if name not in known:
        raise ValueError(f"unknown voice {name!r}; known are {', '.join(sorted(known))}")
    return name


class Persona(BaseModel):
    """Who calls, and how he speaks and takes turns.

    Attributes:
        voice: Of espeak-ng, or of flite where it is installed. The offline ear is calibrated with
            ``caller`` and ``klatt5``.
        pace: 1 is the voice's own, 1.3 is fast.
        noise_dbfs: Level of the noise where he is, in dB of full scale; none when it is null.
            Speech is at about -20.
        hesitations: Share of the places between a few words where he stops for a moment, 0 to 1.
        hesitation_s: How long he stops; over half a second may end his turn.
        manner: In words, for a caller who is played by a chat model.
        quiet_s: Silence of the agent after which it is his turn.
        patience_s: How long he waits for an agent that says nothing, before he goes on.
        repeats: How often he says a line again that the agent did not understand.
        greeting: What he says when he is called.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    voice: Annotated[str, AfterValidator(_voice)] = "caller"
    pace: float = Field(default=1.0, ge=0.6, le=1.5)
    noise_dbfs: float | None = Field(default=None, ge=-90, le=-20)
    hesitations: float = Field(default=0.0, ge=0, le=1)
    hesitation_s: float = Field(default=0.3, gt=0, le=5)
    manner: str = Field(default="a polite caller who knows what he wants", max_length=1000)
    quiet_s: float = Field(default=0.8, ge=0.2, le=10)
    patience_s: float = Field(default=45.0, ge=1, le=300)
    repeats: int = Field(default=2, ge=0, le=10)
    greeting: str = Field(default="Hello?", min_length=1, max_length=200)
