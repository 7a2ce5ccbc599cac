"""Place a call to a voice webhook, speak, listen, and print what was heard as JSON."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emulators.twilio.caller import Manners, Press, Say, ScriptedCaller, Step, Wait
from emulators.twilio.carrier import CALLER_NUMBER, OUR_NUMBER, Carrier
from emulators.twilio.report import call_report, went_through
from emulators.twilio.wav import write_recording


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
        steps = [*(namespace.script or []), (self.dest, values)]
        namespace.script = steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's options."""
    manners = Manners()
    parser.set_defaults(script=[])
    parser.add_argument("--url", required=True, help="the number's voice webhook")
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
    parser.add_argument(
        "--voice", default="caller", help="the caller's voice (caller, klatt5, rms)"
    )
    parser.add_argument("--from", dest="from_", default=CALLER_NUMBER, help="the caller's number")
    parser.add_argument("--to", default=OUR_NUMBER, help="the number dialled")
    parser.add_argument("--method", choices=("POST", "GET"), default="POST", help="of the webhook")
    parser.add_argument("--auth-token", help="signs requests (default: TWILIO_AUTH_TOKEN)")
    parser.add_argument("--status-callback", help="told when the call has ended")
    parser.add_argument("--record", type=Path, metavar="FILE", help="both sides, as a stereo WAV")
    parser.add_argument(
        "--hangup-after", type=float, metavar="S", help="hang up then, whatever goes on"
    )
    parser.add_argument("--speak-first", action="store_true", help="don't wait for a greeting")
    for name, default, text in (
        ("quiet", manners.quiet_s, "silence that ends the agent's turn"),
        ("patience", manners.patience_s, "how long to wait for the agent to begin"),
        ("longest-turn", manners.longest_turn_s, "how long to listen to one turn at most"),
        ("linger", manners.linger_s, "how long to stay on the line after the last turn"),
    ):
        parser.add_argument(f"--{name}", type=float, default=default, metavar="S", help=text)


async def run(options: argparse.Namespace) -> int:
    """Places the call; 0 when it went through, 1 when it did not."""
    caller = ScriptedCaller(
        list(_steps(options.script)),
        voice=options.voice,
        manners=Manners(
            quiet_s=options.quiet,
            patience_s=options.patience,
            longest_turn_s=options.longest_turn,
            linger_s=options.linger,
            listens_first=not options.speak_first,
        ),
        hang_up_after_s=options.hangup_after,
    )
    token = options.auth_token or os.environ.get("TWILIO_AUTH_TOKEN") or None
    async with Carrier(auth_token=token) as carrier:
        live = await carrier.ring(
            options.url, caller, from_=options.from_, to=options.to, method=options.method
        )
        await live.over.wait()
    if options.record:
        write_recording(
            options.record, said=bytes(live.phone.said), heard=bytes(live.playback.heard)
        )
    json.dump(call_report(live, caller), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0 if went_through(live) else 1


def _steps(script: Sequence[tuple[str, Any]]) -> Sequence[Step]:
    steps: list[Step] = []
    interrupt_after_s: float | None = None
    for kind, value in script:
        if kind == "interrupt":
            interrupt_after_s = value
            continue
        if kind == "say":
            steps.append(Say(value, interrupt_after_s))
        elif interrupt_after_s is not None:
            raise ValueError("--interrupt is followed by --say, the line that interrupts")
        else:
            steps.append(Press(value) if kind == "dtmf" else Wait(value))
        interrupt_after_s = None
    if interrupt_after_s is not None:
        raise ValueError("--interrupt is followed by --say, the line that interrupts")
    return steps
