"""What the feature flags make of a call: whether it is taken, who answers, with which model."""

from collections.abc import Mapping
from dataclasses import replace

from agents import Team
from bot.calls import NoRoomError
from bot.flags import MODEL, RECORDING, SERVICE, TEAM, Flags
from bot.plan import CallPlan

WITHHELD = {"+266696687", "+7378742833", "+17378742833", "+2562533", "+8656696", "+86282452253"}
"""The carrier's numbers for callers who show none: ANONYMOUS, RESTRICTED (also as if it were of the
USA), BLOCKED, UNKNOWN and UNAVAILABLE on a keypad. It also sends these words as they are:
https://www.twilio.com/en-us/changelog/upcoming-changes-to-withheld-caller-ids-behavior-for-dial-calls."""


class ClosedError(NoRoomError):
    """The flag ``service`` keeps this caller out."""


class Rollout:
    """Applies the flags to calls.

    Args:
        flags: Of the service.
        team: Answers where no flag says otherwise.
        teams: All that there are, by name.
    """

    def __init__(self, flags: Flags, *, team: Team, teams: Mapping[str, Team]) -> None:
        self.flags = flags
        self._team = team
        self._teams = teams

    def check_open(self, call_id: str, number: str | None = None) -> None:
        """Raises `ClosedError` where the service is off for the other side of a call."""
        if not self.flags.is_on(SERVICE, _who(call_id, number)):
            raise ClosedError("the service takes no calls at the moment")

    def inbound(
        self,
        call_id: str,
        *,
        team: Team | None = None,
        voice: str | None = None,
        caller: str | None = None,
        called: str | None = None,
    ) -> CallPlan:
        """The plan of a call that comes in.

        Args:
            call_id: The call's.
            team: Whom it asks for; without one the flags may choose another than the usual one.
            voice: Every agent is to speak with it; without one each has its own.
            caller: The number that calls, where there is one.
            called: The number that is called.

        Raises:
            ClosedError: The service is off for this caller.
        """
        self.check_open(call_id, caller)
        if team is None:
            chosen = self.flags.choice(TEAM, _who(call_id, caller))
            team = self._teams[chosen] if chosen else self._team
        return CallPlan(team=team, voice=voice, from_=caller, to=called)

    def applied(self, call_id: str, plan: CallPlan) -> CallPlan:
        """The plan with the model and the recording that its caller and its team get."""
        who = _who(call_id, plan.from_ if plan.direction == "inbound" else plan.to)
        return replace(
            plan,
            model=plan.model or self.flags.choice(MODEL, who),
            recording=plan.recording or plan.team.recording,
            is_recorded=plan.is_recorded and self.flags.is_on(RECORDING, who),
        )


def _who(call_id: str, number: str | None) -> str:
    """A caller's number; the call's id where there is none, or one that many share."""
    return number if number and number.startswith("+") and number not in WITHHELD else call_id
