"""A run as a page: what passed, and each call with its sound, its words and its checks."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

import numpy as np

from emulators.twilio.frames import SAMPLE_RATE
from emulators.twilio.suite.evidence import Evidence
from emulators.twilio.suite.outcome import Played, Run
from emulators.twilio.suite.player import Line
from emulators.twilio.suite.sound import Stereo, outline, stereo, write_opus

SOUND = "sound"
"""The folder of the calls' sound, beside the page."""

_LANE = 48


class HtmlReport:
    """Writes ``index.html`` and the sound that it plays into a folder, which is made.

    A call's sound is written when the call is taken, so that a long run need not keep it.
    """

    def __init__(self, folder: Path) -> None:
        (folder / SOUND).mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._calls: dict[tuple[str, str, int], str] = {}

    def take(self, played: Played) -> None:
        """Takes a call."""
        key = (played.team, played.name, played.round)
        self._calls[key] = "".join(_call(self._folder, played))

    def write(self, run: Run) -> Path:
        """Writes the page, once all calls were taken."""
        page = self._folder / "index.html"
        page.write_text("".join(self._page(run)), "utf-8")
        return page

    def _page(self, run: Run) -> Iterator[str]:
        here = Path(__file__)
        passed = sum(each.passed for each in run.played)
        yield (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>Scenarios: {passed} of {len(run.played)} passed</title>"
            f"<style>{here.with_name('report.css').read_text('utf-8')}</style>"
            "<h1>Scenarios</h1>"
            f'<p class="soft">{_count(len(run.by_scenario()), "scenario")}, each played '
            f'{_count(run.rounds, "time")} by voice</p><ul class="figures">'
        )
        for label, value in _summary(run, passed):
            yield f"<li><b>{value}</b><small>{label}</small></li>"
        yield '</ul><label><input type="checkbox" id="failures"> only what failed</label>'
        for team, each in groupby(run.by_scenario(), key=lambda rounds: rounds[0].team):
            yield f"<h2>{escape(team)}</h2>"
            for rounds in each:
                calls = (self._calls[(team, played.name, played.round)] for played in rounds)
                yield f"{_scenario(rounds)}{''.join(calls)}</div></details>"
        yield f"<script>{here.with_name('report.js').read_text('utf-8')}</script></html>"


def _summary(run: Run, passed: int) -> list[tuple[str, str]]:
    answers = [answer for each in run.played for answer in each.figures.answers]
    return [
        ("calls passed", f"{passed} of {len(run.played)}"),
        (f"pass^{run.rounds}", f"{run.pass_all:.0%}"),
        ("time to answer, median", f"{np.median(answers):.2f} s" if answers else "–"),
        ("all of it took", f"{run.seconds / 60:.1f} min"),
    ]


def _scenario(rounds: Sequence[Played]) -> str:
    scenario = rounds[0].evidence.scenario
    failed = not all(each.passed for each in rounds)
    squares = "".join(
        f'<span class="{"ok" if each.passed else "failed"}" title="#{each.round}"></span>'
        for each in rounds
    )
    seconds = sum(each.figures.duration for each in rounds) / len(rounds)
    path = "outbound" if scenario.outbound else scenario.path
    return (
        f'<details class="{"" if failed else "ok"}"{" open" if failed else ""}><summary>'
        f'<span class="name">{escape(scenario.name)}</span>'
        f"<small>{path}, {seconds:.0f} s</small>"
        f'<span class="rounds" aria-label="{sum(e.passed for e in rounds)} of {len(rounds)}">'
        f'{squares}</span></summary><div class="inside"><p>{escape(scenario.goal)}</p>'
    )


def _call(folder: Path, played: Played) -> Iterator[str]:
    evidence, figures = played.evidence, played.figures
    state = "passed" if played.passed else "failed"
    details = [f"{figures.duration:.1f} s"]
    if figures.median_answer is not None and figures.longest_answer is not None:
        middle, longest = figures.median_answer, figures.longest_answer
        details.append(f"answers in {middle:.2f} s, {longest:.2f} s at most")
    details.append(evidence.call_id)
    yield (
        f'<section class="call"><h3>#{played.round} <span class="{state}">{state}</span> '
        f"<small>{escape(' · '.join(details))}</small></h3>"
    )
    sound = stereo(evidence)
    if len(sound):
        name = f"{SOUND}/{played.team}-{evidence.scenario.name}-{played.round}.ogg"
        name = name.replace(" ", "-")
        write_opus(folder / name, sound)
        yield f'<audio controls preload="none" src="{escape(name)}"></audio>'
        yield _waveform(sound)
    yield '<ol class="story">'
    for line in evidence.story:
        who = "caller" if line.by_caller else "agent"
        start = _begins(evidence, line) / SAMPLE_RATE
        yield (
            f'<li class="{who}" data-from="{start:.2f}"><time>{_clock(start)}</time>'
            f'<span class="who">{who}</span><span>{escape(line.text)}</span></li>'
        )
    yield "</ol>"
    if understood := " · ".join(evidence.understood):
        yield f'<p class="understood">the service understood: {escape(understood)}</p>'
    yield '<ul class="checks">'
    for verdict in played.verdicts:
        found = "" if verdict.passed else f"<br><small>found: {escape(verdict.found)}</small>"
        css = "" if verdict.passed else ' class="failed"'
        yield f"<li{css}><b>{escape(verdict.check)}</b>{found}</li>"
    yield "</ul></section>"


def _begins(evidence: Evidence, line: Line) -> int:
    """Where the words of a line begin: an agent's come some time after the caller's."""
    if line.by_caller:
        return line.start
    inside = (span.start for span in evidence.spans if line.start <= span.start < line.end)
    return next(inside, line.start)


def _waveform(sound: Stereo) -> str:
    """Both sides above each other: the caller's lane, then the agent's."""
    seconds = len(sound) / SAMPLE_RATE
    lanes = []
    for number, who in enumerate(("caller", "agent")):
        peaks = outline(sound[:, number])
        middle = _LANE * number + _LANE / 2
        heights = [min(1.0, np.sqrt(peak)) * (_LANE / 2 - 2) for peak in peaks]
        above = " ".join(f"{x},{middle - h:.1f}" for x, h in enumerate(heights))
        below = " ".join(
            f"{len(heights) - 1 - x},{middle + h:.1f}" for x, h in enumerate(reversed(heights))
        )
        lanes.append(f'<polygon class="{who}" points="{above} {below}"/>')
    width = len(peaks)
    return (
        f'<svg viewBox="0 0 {width} {2 * _LANE}" preserveAspectRatio="none" '
        f'data-seconds="{seconds:.3f}" role="img" aria-label="waveform">{"".join(lanes)}'
        f'<line class="now" x1="0" x2="0" y1="0" y2="{2 * _LANE}"/></svg>'
        '<div class="key"><span><i style="background:var(--caller)"></i>caller</span>'
        '<span><i style="background:var(--agent)"></i>what the caller heard</span></div>'
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
