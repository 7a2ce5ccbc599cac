"""Hours of the day in which nobody is called."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` until ``end``, by the clock where the telephone is; may span midnight."""

    start: time
    end: time

    def over_at(self, local: datetime) -> datetime | None:
        """When the quiet hours that ``local`` is in are over; None outside of them."""
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        now = local.time()
        if self.start <= self.end:
            return end if self.start <= now < self.end else None
        if now >= self.start:
            return end + timedelta(days=1)
        return end if now < self.end else None


def read_quiet_hours(text: str) -> QuietHours | None:
    """Reads ``21:00-08:00``; ``none`` is None. Raises ``ValueError`` for anything else."""
    if text == "none":
        return None
    match = _FORM.fullmatch(text)
    hours = [int(part) for part in match.groups()] if match else []
    if len(hours) != 4 or hours[:2] == hours[2:]:
        raise ValueError("hours of the day such as 21:00-08:00, or none")
    return QuietHours(time(hours[0], hours[1]), time(hours[2], hours[3]))


def check_quiet_hours(text: str) -> str:
    """``text`` as it is, when `read_quiet_hours` can read it. Raises ``ValueError``."""
    read_quiet_hours(text)
    return text
