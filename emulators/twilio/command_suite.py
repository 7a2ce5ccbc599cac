"""Play scenarios by simulated callers, check what came of each call, and report it."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from emulators.twilio.frames import SAMPLE_RATE
from emulators.twilio.suite.by_rules import RulesPlayer
from emulators.twilio.suite.loading import load
from emulators.twilio.suite.outcome import Played, Run
from emulators.twilio.suite.player import Player
from emulators.twilio.suite.report_html import HtmlReport
from emulators.twilio.suite.report_junit import write_junit
from emulators.twilio.suite.runner import JOBS, OUR_NUMBER, Options
from emulators.twilio.suite.runner import run as play
from emulators.twilio.suite.scenario import Scenario
from emulators.twilio.suite.service_process import ServiceError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="of scenarios, YAML")
    parser.add_argument("--only", default="", metavar="TEXT", help="in the names of scenarios")
    parser.add_argument("--repeat", type=int, default=1, metavar="K", help="play each so often")
    parser.add_argument(
        "--jobs", type=int, default=JOBS, metavar="N", help=f"calls at a time ({JOBS})"
    )
    parser.add_argument("--seed", default="1", help="of noise and hesitations")
    parser.add_argument("--strict", action="store_true", help="the time to answer is a check, too")
    parser.add_argument(
        "--caller",
        choices=("auto", "rules", "chat"),
        default="auto",
        help="who plays the callers: their lines and rules, or a chat model that knows their goal;"
        " by default the model where OPENAI_CHAT_URL or OPENAI_CHAT_KEY is set",
    )
    parser.add_argument(
        "--engine",
        choices=("settings", "emulator"),
        default="settings",
        help="what the started service talks to: what the environment says, or the emulator",
    )
    parser.add_argument(
        "--report", type=Path, metavar="FOLDER", help="write a page there, with the calls' sound"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results for a CI")
    service = parser.add_argument_group("a service that runs already")
    service.add_argument("--url", help="where it is; without it one is started for each team")
    service.add_argument("--key", default=os.environ.get("SWITCHBOARD_KEY"), help="of an operator")
    service.add_argument("--number", default=OUR_NUMBER, help="its number")
    service.add_argument("--account-sid", help="of its account at the carrier")
    service.add_argument("--auth-token", help="of its account at the carrier")
    service.add_argument("--api-port", type=int, default=0, help="of the REST API that it calls")


async def run(options: argparse.Namespace) -> int:
    """Plays them; 0 when everything passed, 1 when something did not.

    What was played is reported also when the run is interrupted, or a service does not start.
    """
    for name in ("repeat", "jobs"):
        if getattr(options, name) < 1:
            raise ValueError(f"--{name} is at least 1, not {getattr(options, name)}")
    teams = load(options.files)
    chosen = Options(
        player=_player(options.caller),
        repeat=options.repeat,
        jobs=options.jobs,
        seed=options.seed,
        strict=options.strict,
        url=options.url,
        key=options.key,
        number=options.number,
        account_sid=options.account_sid,
        auth_token=options.auth_token,
        api_port=options.api_port,
        emulated=options.engine == "emulator",
        only=options.only,
    )
    report = HtmlReport(options.report) if options.report else None
    played: list[Played] = []
    began = time.monotonic()

    def on_played(each: Played) -> None:
        played.append(each)
        _say(each)
        if report:
            report.take(each)

    try:
        await play(teams, chosen, on_played)
    except (ServiceError, httpx.HTTPError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    finally:
        done = Run(played, options.repeat, time.monotonic() - began)
        if played:
            _report(done, report, options.junit)
    if not played:
        raise ValueError(f"no scenario has {options.only!r} in its name")
    return 0 if done.passed else 1


def _report(done: Run, report: HtmlReport | None, junit: Path | None) -> None:
    if report:
        sys.stdout.write(f"report: {report.write(done)}\n")
    if junit:
        write_junit(junit, done)
    _sum_up(done)


def _player(caller: str) -> Callable[[Scenario], Player]:
    if caller == "rules":
        return RulesPlayer
    # Imported when used: the library takes a second to load.
    from emulators.twilio.suite.by_chat import ChatPlayer, chat_client

    if chat := chat_client():
        client, model = chat
        return lambda scenario: ChatPlayer(scenario, client, model)
    if caller == "chat":
        raise ValueError("--caller chat needs OPENAI_CHAT_URL or OPENAI_CHAT_KEY")
    return RulesPlayer


def _say(played: Played) -> None:
    mark = "pass" if played.passed else "FAIL"
    figures = played.figures
    middle = figures.median_answer
    answer = "" if middle is None else f", answers in {middle:.1f} s"
    sys.stdout.write(
        f"{mark}  {played.team}: {played.name} #{played.round}"
        f"  ({figures.duration:.0f} s{answer})\n"
    )
    for verdict in played.failed_checks:
        sys.stdout.write(f"      {verdict.check}\n        found: {verdict.found}\n")
    for line in played.evidence.story if played.failed_checks else ():
        who = "caller" if line.by_caller else "agent"
        sys.stdout.write(f"      {line.end / SAMPLE_RATE:6.1f}  {who}: {line.text}\n")
    if played.failed_checks and (understood := " · ".join(played.evidence.understood)):
        sys.stdout.write(f"      the service understood: {understood}\n")
    sys.stdout.flush()


def _sum_up(run: Run) -> None:
    calls = len(run.played)
    sys.stdout.write(
        f"{sum(each.passed for each in run.played)} of {calls} calls passed"
        f" ({run.pass_rate:.0%}); pass^{run.rounds} {run.pass_all:.0%}; {run.seconds:.0f} s\n"
    )
