"""Takes one sentence of the caller in: an answer, a request, a change of mind, small talk."""

import re

from emulators.realtime.minds.state import State
from emulators.realtime.minds.task import Task
from emulators.realtime.minds.turns import Turn
from emulators.realtime.minds.understanding.acts import Act, act_of, is_request
from emulators.realtime.minds.understanding.errand import Errand, is_declined
from emulators.realtime.minds.understanding.intent import Match, foreign_words, is_contrary
from emulators.realtime.minds.understanding.parameters import Kind, Parameter
from emulators.realtime.minds.understanding.people import find_person
from emulators.realtime.minds.understanding.results import find_row
from emulators.realtime.minds.understanding.standing import answer_to
from emulators.realtime.minds.understanding.toolbox import KnownTool, Role
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import STOP_WORDS, name_words

_SURE = 0.6
"""Score of a request that changes the subject while an open question is waiting."""
_TIE = 0.03
"""Scores as close as this do not tell two colleagues apart."""
_MOST_OPTIONS = 4

_AGAIN = re.compile(r"\btry (it |that )?(again|once more)\b", re.IGNORECASE)
_MORE = re.compile(
    r"^(and |please |yes |ok |okay )*(go on|continue|more|next|read on|carry on)\b"
    r"|\b(the )?(next|older|other|further) (ones|entries|page)\b|\bany(thing)? more$",
    re.IGNORECASE,
)
_PLAIN_TURNS = {
    Act.GOODBYE: Turn.GOODBYE,
    Act.HELP: Turn.HELP,
    Act.REPEAT: Turn.REPEAT,
    Act.WAIT: Turn.WAIT,
}
_NONE = re.compile(r"^(nothing|none)\b|\bthere is (no|none|nothing)\b|\b(not|n't) (know|have)\b")
"""An answer to what is not needed: there is none."""

_REFUSALS = (Act.NO, Act.DONE, Act.FORGET)


def understand(state: State, utterance: Utterance) -> Turn:
    """Changes the state by what the caller says; returns what to respond to."""
    act = act_of(utterance.text)
    if act is Act.SILENCE:
        return Turn.SILENCE
    if standing := answer_to(utterance.text, state.standing):
        state.reply = standing.words
        return Turn.LEAVING if standing.ends else Turn.ANSWERED
    if act in _PLAIN_TURNS:
        return _PLAIN_TURNS[act]
    if state.errand and (turn := _about_errand(state, state.errand, utterance)):
        return turn
    state.recalled = state.recollection(utterance) if act is Act.RECALL else None
    if state.recalled:
        return Turn.RECALL
    requests = state.requests(utterance)
    if state.errand:
        # Whoever was called asks for no colleague, and what answers in words is no request.
        in_words = state.asking is not None and state.asking.kind is Kind.TEXT
        is_free = state.task is None or not in_words
        requests = [m for m in requests if is_free and m.tool.role is Role.FUNCTION]
    turn = None
    if state.task and _is_verdict(state.task, requests):
        state.paused = state.task
        state.start(requests[0].tool, utterance)
        return Turn.TASK
    if _is_elsewhere(state, utterance, requests):
        return _send_elsewhere(state, utterance)
    if state.task and (state.confirming or state.adjusting):
        turn = _decision(state, state.task, utterance, act)
    elif state.task and state.asking:
        turn = _answer(state, state.task, state.asking, utterance, act, requests)
    return (
        turn or _new_request(state, utterance, act, requests) or _small_talk(state, utterance, act)
    )


def _about_errand(state: State, errand: Errand, utterance: Utterance) -> Turn | None:
    """What they say about what the agent wants, before it can be an answer."""
    if is_declined(utterance.text):
        return Turn.DECLINED
    state.reply = errand.reply(utterance.text)
    return Turn.ASKED if state.reply else None


def _is_verdict(task: Task, requests: list[Match]) -> bool:
    """Whether the caller is for or against something that can be noted beside a task."""
    noted = requests[0] if requests else None
    return bool(noted and noted.tool.verdict and noted.score >= _SURE and not task.tool.verdict)


def _decision(state: State, task: Task, utterance: Utterance, act: Act | None) -> Turn | None:
    """After "shall I?" or "what should I change?"."""
    heard = task.hear(utterance, state.rows)
    if task.news(heard):
        task.take(heard)
        return Turn.TASK
    if act is Act.YES and state.confirming:
        task.confirmed = True
        return Turn.TASK
    if named := _named_parameter(task, utterance):
        task.forget(named.name)
        return Turn.TASK
    adjustable = [p for p in task.tool.required if p.kind is not Kind.ROW]
    if act is Act.NO and state.confirming and len(adjustable) > 1:
        return Turn.ADJUST
    if act in _REFUSALS:
        state.drop_task()
        return Turn.ELSE
    return None


def _answer(
    state: State,
    task: Task,
    asked: Parameter,
    utterance: Utterance,
    act: Act | None,
    requests: list[Match],
) -> Turn | None:
    """After a question: its answer, or something else about the same task."""
    other = [match for match in requests if match.tool not in (task.tool, task.afterwards)]
    if task.tool.verdict and act in (Act.YES, Act.NO):
        # "Yes, and I need a hotel": first the answer, then the rest.
        state.meanwhile = utterance if other else None
        task.take(task.hear(utterance, state.rows, asked))
        return Turn.TASK
    if other and other[0] is requests[0] and other[0].score >= _SURE:
        return None
    if asked.name in task.extra and (
        act in (Act.NO, Act.DONE) or _NONE.search(utterance.text.lower())
    ):
        task.values[asked.name] = ""
        return Turn.TASK
    if act in (Act.DONE, Act.FORGET) and asked.kind is not Kind.BOOLEAN:
        state.drop_task()
        return Turn.ELSE
    heard = task.hear(utterance, state.rows, asked)
    if task.news(heard) or heard.values:
        task.take(heard)
        state.memory |= heard.values
        return Turn.TASK
    if is_request(utterance.text) and (named := _named_parameter(task, utterance)):
        task.forget(named.name)
        return Turn.TASK
    return None


def _new_request(
    state: State, utterance: Utterance, act: Act | None, requests: list[Match]
) -> Turn | None:
    """Something to do, or something else about what was done last."""
    if _AGAIN.search(utterance.text) and state.latest:
        state.task = state.latest
        return Turn.TASK
    if state.more and (_MORE.search(utterance.text) or _goes_on(state, act)):
        state.task = state.more
        return Turn.TASK
    if state.offered and _points_at_offer(state, utterance, act, requests):
        state.start(state.offered, utterance)
        return Turn.TASK
    if tied := _tied(state, requests):
        state.options = tied
        return Turn.CHOOSE
    if requests:
        state.start(requests[0].tool, utterance)
        return Turn.TASK
    if state.latest and act not in _REFUSALS:
        varied = Task(state.latest.tool, dict(state.latest.values))
        heard = varied.hear(utterance, state.rows)
        if varied.news(heard):
            varied.take(heard)
            state.task = varied
            return Turn.TASK
    return None


def _goes_on(state: State, act: Act | None) -> bool:
    """Whether it is a yes to "shall I go on?"."""
    return act is Act.YES and state.said.rstrip().endswith("go on?")


def _points_at_offer(
    state: State, utterance: Utterance, act: Act | None, requests: list[Match]
) -> bool:
    """Whether the caller takes one of the things that were listed."""
    source = state.latest.tool if state.latest else None
    elsewhere = [m for m in requests if m.tool not in (state.offered, source)]
    if elsewhere and elsewhere[0].score >= _SURE:
        return False
    agrees = act is Act.YES and state.task is None and not requests
    return agrees or bool(find_row(utterance.tokens, state.rows))


def _tied(state: State, requests: list[Match]) -> list[KnownTool]:
    """Colleagues who fit equally well, unless the caller was asked about them before."""
    tied = [match.tool for match in requests if requests[0].score - match.score < _TIE]
    fits = 1 < len(tied) <= _MOST_OPTIONS and all(tool.role is Role.TRANSFER for tool in tied)
    return tied if fits and not state.options else []


def _is_elsewhere(state: State, utterance: Utterance, requests: list[Match]) -> bool:
    """Whether the caller wants something that no tool here knows a word of."""
    if requests or not is_request(utterance.text):
        return False
    hopeless = not (state.task or state.latest) and is_contrary(utterance)
    return hopeless or bool(foreign_words(utterance, state.toolbox, state.rows))


def _send_elsewhere(state: State, utterance: Utterance) -> Turn:
    """Back to the colleague who knows whom to ask, if there is one."""
    way_back = state.way_back()
    if way_back is None:
        return Turn.ELSEWHERE
    state.start(way_back, utterance)
    return Turn.TASK


def _small_talk(state: State, utterance: Utterance, act: Act | None) -> Turn:
    if act in (Act.DONE, Act.FORGET) or (act is Act.NO and state.closing):
        unfinished = state.task is not None or act is Act.FORGET
        state.drop_task()
        return Turn.ELSE if unfinished else Turn.DONE
    if find_person(utterance, asked=False):
        return Turn.NOTED
    if act is Act.RECALL:
        return Turn.RECALL
    if act is Act.NO and (state.offered or state.more):
        state.drop_task()
        state.more = None
        return Turn.ELSE
    if act in (Act.YES, Act.NO):
        return Turn.UNCLEAR if state.task or act is Act.NO else Turn.OPEN
    return {Act.GREETING: Turn.GREETING, Act.THANKS: Turn.THANKS}.get(
        act or Act.SILENCE, Turn.UNCLEAR
    )


def _named_parameter(task: Task, utterance: Utterance) -> Parameter | None:
    """The parameter that the caller names: "the name is wrong"."""
    said = {token.text for token in utterance.tokens} - STOP_WORDS

    def shared(parameter: Parameter) -> int:
        return len({*name_words(parameter.name), *name_words(parameter.noun)} & said)

    known = [parameter for parameter in task.tool.parameters if parameter.name in task.values]
    best = max(known, key=shared, default=None)
    return best if best and shared(best) else None
