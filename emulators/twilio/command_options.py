"""Options that the commands share."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from emulators.twilio.caller import Manners, Press, Say, Step, Wait
from emulators.twilio.carrier import Carrier
from emulators.twilio.sids import DEFAULT_ACCOUNT

_MANNERS = {
    "quiet_s": "silence that ends the agent's turn",
    "patience_s": "how long to wait for the agent to begin",
    "longest_turn_s": "how long to listen to one turn at most",
    "linger_s": "how long to stay on the line after the last turn",
}


class _Script(argparse.Action):
    """Appends a step, in the order in which the options are given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Takes one option."""
        namespace.script = [*namespace.script, (self.dest, values)]


def add_script(parser: argparse.ArgumentParser) -> None:
    """Declares what a person on the telephone says, and how."""
    parser.set_defaults(script=[])
    script = parser.add_argument_group("script", "carried out in the order given")
    script.add_argument("--say", action=_Script, metavar="TEXT", help="a line, after the agent's")
    script.add_argument("--dtmf", action=_Script, metavar="KEYS", help="keys, after the agent")
    script.add_argument(
        "--wait", action=_Script, type=float, metavar="S", help="say nothing for a while"
    )
    script.add_argument(
        "--interrupt",
        action=_Script,
        type=float,
        metavar="S",
        help="say the next line this long after the agent began, instead of waiting for its end",
    )
    person = parser.add_argument_group("person", "times in seconds")
    person.add_argument("--voice", default="caller", help="caller, klatt5; rms, awb with flite")
    manners = Manners()
    for name, text in _MANNERS.items():
        option = "--" + name.removesuffix("_s").replace("_", "-")
        default = getattr(manners, name)
        person.add_argument(
            option, dest=name, type=float, default=default, metavar="S", help=f"{text} ({default})"
        )


def read_manners(options: argparse.Namespace, *, listens_first: bool) -> Manners:
    """The manners that the options describe."""
    times = {field.name: getattr(options, field.name) for field in fields(Manners)[:-1]}
    return Manners(**times, listens_first=listens_first)


def read_steps(options: argparse.Namespace) -> list[Step]:
    """The script. Raises ``ValueError`` for an ``--interrupt`` without its ``--say``."""
    steps: list[Step] = []
    interrupt_after_s: float | None = None
    for kind, value in [*options.script, ("end", None)]:
        if kind != "say" and interrupt_after_s is not None:
            raise ValueError("--interrupt is followed by --say, the line that interrupts")
        match kind:
            case "interrupt":
                interrupt_after_s = value
            case "say":
                steps.append(Say(value, interrupt_after_s))
                interrupt_after_s = None
            case "dtmf":
                steps.append(Press(value))
            case "wait":
                steps.append(Wait(value))
    return steps


def add_account(parser: argparse.ArgumentParser) -> None:
    """Declares whose calls these are."""
    parser.add_argument("--account-sid", help="the account (default: TWILIO_ACCOUNT_SID)")
    parser.add_argument("--auth-token", help="signs requests (default: TWILIO_AUTH_TOKEN)")


def new_carrier(options: argparse.Namespace, **more: Any) -> Carrier:
    """A carrier for that account."""
    sid = options.account_sid or os.environ.get("TWILIO_ACCOUNT_SID") or DEFAULT_ACCOUNT
    token = options.auth_token or os.environ.get("TWILIO_AUTH_TOKEN") or None
    return Carrier(account_sid=sid, auth_token=token, **more)
