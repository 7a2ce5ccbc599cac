"""What calls cost, and may cost."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from bot.costs.prices import check_prices


class CostSettings(BaseModel):
    """What calls cost, and may cost."""

    max_cost_usd: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        description="US dollars that a call may cost before it is ended politely; 0: any.",
    )
    prices_file: Annotated[Path, AfterValidator(check_prices)] | None = Field(
        default=None, description="Prices of models (TOML) that replace or extend the shipped ones."
    )
    carrier_usd_per_minute: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="What the carrier takes for each minute of a phone call, in US dollars.",
    )
