"""Place a call to a voice webhook, speak, listen, and print what was heard as JSON."""

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from emulators.hearing.sphinx import PocketSphinxHearing
from emulators.twilio.asgi_server import serving
from emulators.twilio.caller import ScriptedCaller
from emulators.twilio.carrier import CALLER_NUMBER, OUR_NUMBER, RingOptions
from emulators.twilio.command_options import (
    add_account,
    add_script,
    new_carrier,
    read_manners,
    read_steps,
)
from emulators.twilio.live_call import LiveCall
from emulators.twilio.report import call_report, transcripts, went_through
from emulators.twilio.rest import rest_app
from emulators.twilio.transcripts import Listener, Transcript
from emulators.twilio.wav import write_recording


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("--url", required=True, help="the number's voice webhook")
    parser.add_argument("--from", dest="from_", default=CALLER_NUMBER, help="the caller's number")
    parser.add_argument("--to", default=OUR_NUMBER, help="the number dialled")
    parser.add_argument("--method", choices=("POST", "GET"), default="POST", help="of the webhook")
    parser.add_argument("--status-callback", help="told when the call has ended")
    add_account(parser)
    parser.add_argument(
        "--api-port",
        type=int,
        metavar="PORT",
        help="serve the REST API meanwhile, so that TWILIO_API_URL can end or redirect the call",
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="both sides, as a stereo WAV")
    parser.add_argument(
        "--hangup-after", type=float, metavar="S", help="hang up then, whatever goes on"
    )
    parser.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="TEXT",
        help="a sentence of the agent's to listen for, with {slots} such as {digits_6} or {date}",
    )
    parser.add_argument("--no-words", action="store_true", help="leave transcripts out")
    parser.add_argument("--speak-first", action="store_true", help="don't wait for a greeting")
    add_script(parser)


async def run(options: argparse.Namespace) -> int:
    """Places the call; 0 when it went through, 1 when it did not."""
    caller = ScriptedCaller(
        read_steps(options),
        voice=options.voice,
        manners=read_manners(options, listens_first=not options.speak_first),
        hang_up_after_s=options.hangup_after,
    )
    ring = RingOptions(from_=options.from_, to=options.to, method=options.method)
    if options.status_callback:
        ring["status_callback"] = options.status_callback
    async with new_carrier(options) as carrier, contextlib.AsyncExitStack() as api:
        if options.api_port is not None:
            await api.enter_async_context(serving(rest_app(carrier), port=options.api_port))
        live = await carrier.call(options.url, caller, **ring)
    if options.record:
        write_recording(
            options.record, said=bytes(live.phone.said), heard=bytes(live.playback.heard)
        )
    words = {} if options.no_words else await _words(live, caller, options.expect)
    json.dump(call_report(live, caller, words), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0 if went_through(live) else 1


async def _words(
    live: LiveCall, caller: ScriptedCaller, expected: Sequence[str]
) -> dict[int, Transcript]:
    hearing = PocketSphinxHearing()
    try:
        return await transcripts(live, caller, Listener(hearing, expected))
    finally:
        await hearing.close()
