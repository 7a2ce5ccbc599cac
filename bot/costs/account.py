"""What one call has cost by now."""

import math
from dataclasses import dataclass, field

from bot.costs.prices import Prices
from processors.events.figures import Cost, Usage

DECIMALS = 6


@dataclass(slots=True)
class Account:
    """The sums of one call, in US dollars.

    Attributes:
        by_kind: What was spent on each kind of model, and on the carrier.
        unpriced: Models whose price nobody knows: what they cost is missing.
    """

    by_kind: dict[str, float] = field(default_factory=dict)
    unpriced: list[str] = field(default_factory=list)

    @property
    def usd(self) -> float:
        """All of it."""
        return sum(self.by_kind.values())

    def use(self, usage: Usage, prices: Prices) -> bool:
        """Adds what a response cost; False for the first one of a model that has no price."""
        charge = prices.charge(usage)
        if charge:
            self.by_kind[charge.kind] = self.by_kind.get(charge.kind, 0.0) + charge.usd
        elif usage.model not in self.unpriced:
            self.unpriced.append(usage.model)
            return False
        return True

    def connected(self, seconds: float, usd_per_minute: float) -> None:
        """The carrier has had the call for so long; it charges every minute that has begun."""
        if usd_per_minute:
            self.by_kind["carrier"] = max(1, math.ceil(seconds / 60)) * usd_per_minute

    def event(self) -> Cost:
        """As the call's events say it."""
        return Cost(
            usd=round(self.usd, DECIMALS),
            by_kind={kind: round(usd, DECIMALS) for kind, usd in self.by_kind.items()},
            unpriced=list(self.unpriced),
        )
