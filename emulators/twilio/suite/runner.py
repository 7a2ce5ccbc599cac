"""Plays the scenarios of teams: a service for each team and round, several calls at a time."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from emulators.hearing.sphinx import PocketSphinxHearing
from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory
from emulators.twilio.caller import Manners, Press, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.rest import rest_app
from emulators.twilio.sids import DEFAULT_ACCOUNT
from emulators.twilio.suite.admission import Admission
from emulators.twilio.suite.calling import Exchange, play
from emulators.twilio.suite.event_feed import EventFeed
from emulators.twilio.suite.evidence import Evidence
from emulators.twilio.suite.figures import figures
from emulators.twilio.suite.judging import Verdict, judge
from emulators.twilio.suite.listening import listen
from emulators.twilio.suite.loading import Team
from emulators.twilio.suite.outcome import Played
from emulators.twilio.suite.player import Player
from emulators.twilio.suite.scenario import Scenario
from emulators.twilio.suite.service_process import service_process

JOBS = 6
TOKEN = "suite"  # noqa: S105 - signs what the carrier of this run sends to the service of this run
OUR_NUMBER, COLLEAGUE = "+14155550199", "+14155550198"
FIRST_CALLER = 14155552000
HTTP_TIMEOUT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to run.

    Attributes:
        player: Makes who plays a caller.
        repeat: How often each scenario is played.
        jobs: How many calls at a time.
        seed: Of noise and hesitations.
        strict: Whether the time to answer is a check.
        url: A service that runs already; one is started for each team and round without it.
        key: That service's, of a role that may read and place calls.
        number: The number that it has.
        account_sid: Of its account at the carrier.
        auth_token: Of its account at the carrier.
        api_port: Where the carrier's REST API is served for it.
        emulated: Leave out the environment's keys of models.
        only: Part of a scenario's name; others are left out.
    """

    player: Callable[[Scenario], Player]
    repeat: int = 1
    jobs: int = JOBS
    seed: str = "1"
    strict: bool = False
    url: str | None = None
    key: str | None = None
    number: str = OUR_NUMBER
    account_sid: str | None = None
    auth_token: str | None = None
    api_port: int = 0
    emulated: bool = False
    only: str = ""


OnPlayed = Callable[[Played], None]


async def run(teams: Sequence[Team], options: Options, on_played: OnPlayed) -> None:
    """Plays all of it; ``on_played`` gets each call once its round is over.

    Raises:
        ServiceError: The service does not start.
        httpx.HTTPError: It does not answer.
    """
    numbers = itertools.count(FIRST_CALLER)
    hearing = PocketSphinxHearing()
    try:
        for team in teams:
            chosen = [each for each in team.file.scenarios if options.only in each.name]
            for number in range(1, options.repeat + 1) if chosen else ():
                async with _exchange(team, options) as exchange:
                    calls = await _play_all(exchange, chosen, options.jobs, numbers)
                for evidence in calls:
                    verdicts = judge(evidence, await listen(evidence, hearing))
                    verdicts += _pace(evidence) if options.strict else []
                    on_played(
                        Played(
                            team=team.file.team, round=number, evidence=evidence, verdicts=verdicts
                        )
                    )
                    evidence.drop_sound()
    finally:
        await hearing.close()


async def _play_all(
    exchange: Exchange, scenarios: Sequence[Scenario], jobs: int, numbers: "itertools.count[int]"
) -> list[Evidence]:
    admission = Admission(jobs)

    async def play_one(scenario: Scenario) -> Evidence:
        async with admission.place():
            return await play(exchange, scenario, f"+{next(numbers)}")

    return list(await asyncio.gather(*(play_one(each) for each in scenarios)))


@asynccontextmanager
async def _exchange(team: Team, options: Options) -> AsyncIterator[Exchange]:
    """A carrier, a service that has an account there, and a view of its events."""
    async with AsyncExitStack() as stack:
        colleague = Callee(party=_colleague, ring_s=0.3)
        directory = Directory(rules={COLLEAGUE: colleague})
        token = TOKEN if options.url is None else options.auth_token
        account = options.account_sid or DEFAULT_ACCOUNT
        carrier = Carrier(auth_token=token, account_sid=account, directory=directory)
        await stack.enter_async_context(carrier)
        api = await stack.enter_async_context(serving(rest_app(carrier), port=options.api_port))
        url = options.url
        if url is None:
            folder = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
            settings = {**_settings(carrier, api), "TEAM": team.file.team, **team.file.settings}
            url = await stack.enter_async_context(
                service_process(folder, settings, emulated=options.emulated)
            )
        headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=url, headers=headers, timeout=HTTP_TIMEOUT_S)
        )
        feed = await stack.enter_async_context(EventFeed(http).following())
        yield Exchange(
            http=http,
            feed=feed,
            carrier=carrier,
            directory=directory,
            voice_url=f"{url.rstrip('/')}/twilio/voice",
            team=team.file.team,
            number=options.number,
            player=options.player,
            seed=options.seed,
        )


def _colleague() -> ScriptedCaller:
    """Who takes transferred calls: hears whom they are about to talk to, and presses 1 for yes."""
    return ScriptedCaller(
        ["Hello?", Press("1"), Say("I take it from here, thank you")],
        manners=Manners(listens_first=False, patience_s=15),
    )


def _settings(carrier: Carrier, api: str) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": carrier.account_sid,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_PHONE_NUMBER": OUR_NUMBER,
        "TWILIO_API_URL": api,
        "TRANSFER_NUMBER": COLLEAGUE,
        # The emulated model shares this machine with everything else.
        "ANSWER_TIMEOUT_S": "60",
        "HOLD_LINE_AFTER_S": "0",
        "OUTBOUND_QUIET_HOURS": "none",
        "OUTBOUND_CALLS_PER_MINUTE": "600",
        "OUTBOUND_CALLS_AT_ONCE": "50",
        "RATE_LIMIT": "100000/minute",
        "CALL_RATE_LIMIT": "1000/minute",
    }


def _pace(evidence: Evidence) -> list[Verdict]:
    limit = evidence.scenario.checks.answers_within_s
    longest = figures(evidence).longest_answer
    if longest is None:
        return []
    return [Verdict(f"answers within {limit:g} s", longest <= limit, f"{longest:.2f} s")]
