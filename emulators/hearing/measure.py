"""``python -m emulators.hearing.measure``: how much the offline ear hears of a team's callers.

Draws sentences from each agent's example phrases, has synthetic voices say them over a telephone
(8 kHz, μ-law) or at 24 kHz, and counts the sentences that are heard word for word. It says nothing
about people. A quarter of a minute for the defaults on two cores.
"""

import argparse
import asyncio
import audioop
import sys
import time
from collections.abc import Iterable

from loguru import logger
from rapidfuzz.distance import Levenshtein

from agents import Agent, Team, load_team
from emulators.hearing import Hints
from emulators.hearing.grammar import Grammar
from emulators.hearing.sphinx import PocketSphinxHearing
from emulators.speech import Speech
from emulators.twilio.voices import speech_of

_MARGIN_S = 0.3
_TELEPHONE_RATE = 8000


def main() -> int:
    """Prints a line for each voice, and what was misheard."""
    parser = argparse.ArgumentParser(prog="python -m emulators.hearing.measure")
    parser.add_argument("--team", default="travel")
    parser.add_argument(
        "--voice", action="append", help="caller by default; repeatable; flite's too (rms, awb)"
    )
    parser.add_argument("--rate", type=int, choices=(8000, 24000), default=8000)
    parser.add_argument("--count", type=int, default=15, help="sentences for each agent")
    arguments = parser.parse_args()
    logger.remove()
    team = load_team(arguments.team)
    for voice in arguments.voice or ["caller"]:
        asyncio.run(_measure(team, voice, arguments.rate, arguments.count))
    return 0


async def _measure(team: Team, voice: str, rate: int, count: int) -> None:
    hearing, speech = PocketSphinxHearing(), speech_of(voice)
    total = exact = words = wrong = 0
    heard_s = busy_s = 0.0
    try:
        for agent in team.agents:
            hints = _hints(team, agent)
            await hearing.warm_up(hints)
            for sentence in _sentences(agent, team, count):
                pcm = await _said(speech, sentence, voice, rate)
                start = time.perf_counter()
                heard = await hearing.transcribe(pcm, sample_rate=rate, hints=hints)
                busy_s += time.perf_counter() - start
                heard_s += len(pcm) / 2 / rate
                errors = Levenshtein.distance(sentence.split(), heard.split())
                total, words = total + 1, words + len(sentence.split())
                exact, wrong = exact + (errors == 0), wrong + errors
                if errors:
                    sys.stdout.write(f"  {sentence}\n  → {heard}\n")
    finally:
        await hearing.close()
    sys.stdout.write(
        f"{voice} at {rate} Hz: {exact} of {total} sentences, {wrong / words:.1%} of words wrong, "
        f"{busy_s / heard_s:.2f} of real time\n"
    )


def _hints(team: Team, agent: Agent) -> Hints:
    """What a session of this agent expects: its own phrases and its colleagues'."""
    colleagues = [team.agent(name) for name in agent.handoffs]
    phrases = [phrase for member in (agent, *colleagues) for phrase in member.examples]
    return Hints(phrases, team.vocabulary)


def _sentences(agent: Agent, team: Team, count: int) -> Iterable[str]:
    """Different sentences that an agent's phrases allow."""
    grammar = Grammar(Hints(agent.examples, team.vocabulary))
    drawn = dict.fromkeys(" ".join(words) for words in grammar.sentences(4 * count))
    return list(drawn)[:count]


async def _said(speech: Speech, sentence: str, voice: str, rate: int) -> bytes:
    silence = bytes(2 * int(_MARGIN_S * rate))
    chunks = speech.speak(sentence, voice=voice, sample_rate=rate)
    pcm = b"".join([chunk.pcm async for chunk in chunks])
    if rate == _TELEPHONE_RATE:
        pcm = audioop.ulaw2lin(audioop.lin2ulaw(pcm, 2), 2)
    return silence + pcm + silence


if __name__ == "__main__":
    sys.exit(main())
