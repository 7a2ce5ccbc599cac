"""Whom we may call, and when: numbers, countries, quiet hours, and how many calls at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from phonenumbers import timezone as phone_timezone

from bot.outbound.quiet_hours import read_quiet_hours
from bot.settings import Settings

UNKNOWN_ZONE = "Etc/Unknown"
BUSY_RETRY_S = 30


class RefusedCallError(Exception):
    """A call that may not be placed.

    Attributes:
        field: The field of the request that is the reason, where one is.
    """

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class WrongNumberError(RefusedCallError):
    """The number is none, or not in a country that may be called."""


class NotNowError(RefusedCallError):
    """It would be allowed later. ``retry_after_s``: how much later, at the least."""

    def __init__(self, detail: str, *, retry_after_s: int, field: str | None = None) -> None:
        super().__init__(detail, field=field)
        self.retry_after_s = retry_after_s


class QuietHoursError(NotNowError):
    """It is night, or early, where the phone is."""


class TooManyCallsError(NotNowError):
    """The limit of calls per minute, or at once, is reached."""


class Rules:
    """Decides on each call before it is placed.

    Args:
        settings: Of the service.
        now: Tells the time.
    """

    def __init__(
        self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._settings = settings
        self._now = now
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._per_minute = RateLimitItemPerMinute(settings.outbound_calls_per_minute)

    def check_number(self, to: str) -> phonenumbers.PhoneNumber:
        """The number, parsed. Raises `WrongNumberError` unless it may be called at all."""
        if not to.startswith("+"):
            raise WrongNumberError("a number in E.164 form, such as +14155550100", field="to")
        try:
            number = phonenumbers.parse(to)
        except phonenumbers.NumberParseException:
            raise WrongNumberError(
                "a number in E.164 form, such as +14155550100", field="to"
            ) from None
        canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if canonical != to or not phonenumbers.is_valid_number(number):
            raise WrongNumberError("there is no such telephone number", field="to")
        country = phonenumbers.region_code_for_number(number)
        if country not in self.countries:
            allowed = ", ".join(sorted(self.countries)) or "none"
            raise WrongNumberError(
                f"numbers of {country} are not called from here; OUTBOUND_COUNTRIES: {allowed}",
                field="to",
            )
        return number

    @property
    def countries(self) -> frozenset[str]:
        """Whose numbers are called: those of the setting, or else that of our own number."""
        if self._settings.outbound_countries:
            return frozenset(self._settings.outbound_countries)
        own = self._settings.twilio_phone_number
        country = phonenumbers.region_code_for_number(phonenumbers.parse(own)) if own else None
        return frozenset({country} if country else ())

    def check_hour(self, number: phonenumbers.PhoneNumber) -> None:
        """Raises `QuietHoursError` when it is one of the quiet hours where the phone may be.

        A number that can be in several time zones is not called while it is quiet in one of them.
        """
        hours = read_quiet_hours(self._settings.outbound_quiet_hours)
        if hours is None:
            return
        now = self._now()
        zones = phone_timezone.time_zones_for_number(number)
        if UNKNOWN_ZONE in zones:
            raise WrongNumberError(
                "nobody knows what time it is at this number, and OUTBOUND_QUIET_HOURS are set",
                field="to",
            )
        for zone in zones:
            local = now.astimezone(ZoneInfo(zone))
            if over := hours.over_at(local):
                raise QuietHoursError(
                    f"it is {local:%H:%M} in {zone}, and nobody is called from "
                    f"{hours.start:%H:%M} to {hours.end:%H:%M} (OUTBOUND_QUIET_HOURS)",
                    retry_after_s=max(1, round((over - local).total_seconds())),
                    field="to",
                )

    def check_room(self, live: int) -> None:
        """Raises `TooManyCallsError` when ``live`` calls are as many as there may be at once."""
        limit = self._settings.outbound_calls_at_once
        if live >= limit:
            raise TooManyCallsError(
                f"{live} outbound calls are under way, which is the limit (OUTBOUND_CALLS_AT_ONCE)",
                retry_after_s=BUSY_RETRY_S,
            )

    def count(self) -> None:
        """Counts a call. Raises `TooManyCallsError` when there were enough in the last minute."""
        if self._limiter.hit(self._per_minute):
            return
        stats = self._limiter.get_window_stats(self._per_minute)
        raise TooManyCallsError(
            f"{self._per_minute.amount} calls were placed in the last minute, which is the limit "
            f"(OUTBOUND_CALLS_PER_MINUTE)",
            retry_after_s=max(1, round(stats.reset_time - self._now().timestamp())),
        )
