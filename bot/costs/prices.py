"""What models cost: a table that is shipped, and one of the user's own over it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from processors.events.figures import Usage

SHIPPED = Path(__file__).parent / "prices.toml"
PER = 1_000_000
"""Tokens that a price is for."""

ModelKind = Literal["realtime", "chat", "transcription"]
Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class ModelPrice(BaseModel):
    """US dollars per million tokens of each sort, and per minute of transcribed audio."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_text: Dollars = 0.0
    cached_text: Dollars | None = None
    output_text: Dollars = 0.0
    input_audio: Dollars = 0.0
    cached_audio: Dollars | None = None
    output_audio: Dollars = 0.0
    minute: Dollars = 0.0

    def of(self, usage: Usage) -> float:
        """What a response cost. A price that cached tokens don't have is that of the others."""
        cached_audio = min(usage.cached_audio_tokens, usage.input_audio_tokens)
        cached_text = min(usage.cached_tokens - cached_audio, usage.input_text_tokens)
        cached_text_price = self.input_text if self.cached_text is None else self.cached_text
        cached_audio_price = self.input_audio if self.cached_audio is None else self.cached_audio
        tokens = (
            (usage.input_text_tokens - cached_text) * self.input_text
            + cached_text * cached_text_price
            + (usage.input_audio_tokens - cached_audio) * self.input_audio
            + cached_audio * cached_audio_price
            + usage.output_text_tokens * self.output_text
            + usage.output_audio_tokens * self.output_audio
        )
        return tokens / PER + usage.audio_s / 60 * self.minute


class _File(RootModel[dict[ModelKind, dict[str, ModelPrice]]]):
    """The form of a file of prices: kind, model, price."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one response cost, and what kind of model it was that asked for it."""

    kind: ModelKind
    usd: float


class Prices:
    """Prices by model.

    Args:
        models: Kind and price of each.
    """

    def __init__(self, models: Mapping[str, tuple[ModelKind, ModelPrice]]) -> None:
        self._models = dict(models)

    def charge(self, usage: Usage) -> Charge | None:
        """What a response cost; None for a model that has no price.

        A dated snapshot (``gpt-realtime-2.1-2026-05-06``) without a price of its own has that of
        its model.
        """
        found = self._models.get(usage.model) or self._models.get(_SNAPSHOT.sub("", usage.model))
        if found is None:
            return None
        kind, price = found
        return Charge(kind, price.of(usage))


def read_prices(own: Path | None = None) -> Prices:
    """The shipped prices, with those of a file of the user's own in their place.

    Raises:
        ValueError: The file can't be read or is of another form; the text says what it should be.
    """
    models = _read(SHIPPED)
    if own is not None:
        models |= _read(own)
    return Prices(models)


def check_prices(own: Path) -> Path:
    """The path of a file of prices. Raises `ValueError` as `read_prices` does."""
    _read(own)
    return own


def _read(path: Path) -> dict[str, tuple[ModelKind, ModelPrice]]:
    kinds = ", ".join(get_args(ModelKind))
    try:
        tables = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).root
    except OSError as error:
        raise ValueError(f"a TOML file of prices that can be read: {error.strerror}") from None
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"] if step != "[key]")
        raise ValueError(
            f'a TOML file of prices such as [chat."gpt-5.4-mini"] with input_text = 0.75 (there '
            f"is {kinds}); {where}: {first['msg']}"
        ) from None
    except ValueError as error:
        raise ValueError(f"a TOML file of prices: {error}") from None
    return {model: (kind, price) for kind, each in tables.items() for model, price in each.items()}
