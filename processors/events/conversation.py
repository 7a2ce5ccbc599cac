"""Who speaks, what is said, and by which agent in which session."""

from typing import Literal

from processors.events.event import Event


class SessionState(Event):
    """The connection to the model changed its state; ``text``: the call goes on in writing."""

    type: Literal["session.state"] = "session.state"
    state: Literal["connecting", "ready", "lost", "reconnecting", "text", "failed", "closed"]
    detail: str = ""


class SessionRenewed(Event):
    """The session with the model was replaced before its end, without a break in the call.

    ``moment`` is what the call was at: a ``pause``, the ``caller_turn``, or anything (``forced``).
    """

    type: Literal["session.renewed"] = "session.renewed"
    endpoint: str
    age_s: float
    moment: Literal["pause", "caller_turn", "forced"]


class UserSpeech(Event):
    """The caller started or stopped speaking, as the model's endpointing sees it."""

    type: Literal["user.speech"] = "user.speech"
    speaking: bool


class UserTranscript(Event):
    """What the caller said (or typed). ``final`` replaces the partials of the same item."""

    type: Literal["user.transcript"] = "user.transcript"
    item_id: str
    text: str
    final: bool


class AgentTranscript(Event):
    """What the agent says. Text is the whole item's so far, not the difference.

    ``final`` comes once, when playback of the item ended: by then ``text`` is what was heard and
    ``interrupted`` says whether the caller cut it short.
    """

    type: Literal["agent.transcript"] = "agent.transcript"
    item_id: str
    agent: str
    text: str
    final: bool
    interrupted: bool = False


WaitsFor = Literal["connection", "answer", "tool"]
"""What somebody in a call may be waiting for in silence."""


class LineHeld(Event):
    """The caller had waited in silence, and heard a recorded line that asks for patience.

    ``waited_ms`` is how long, for the connection to the model, for its answer, or for a tool.
    """

    type: Literal["line.held"] = "line.held"
    waits_for: WaitsFor
    waited_ms: int


class OperatorTranscript(Event):
    """What an operator says to the caller in the agent's place, in the steps of a transcript.

    ``by`` is the name of their key; it is left out of what a caller's page gets.
    """

    type: Literal["operator.transcript"] = "operator.transcript"
    item_id: str
    by: str
    text: str
    final: bool


class AgentChanged(Event):
    """Another agent has the caller. ``from_agent`` is None at the start of a call."""

    type: Literal["agent.changed"] = "agent.changed"
    from_agent: str | None
    to_agent: str
    voice: str
    reason: str = ""
    context: str = ""


class Interruption(Event):
    """The caller spoke over the agent; ``heard_ms`` of the item had been heard by then."""

    type: Literal["interruption"] = "interruption"
    item_id: str
    heard_ms: int


class AgentResumed(Event):
    """The agent goes on: the caller's sound (``item_id``) was no interruption, but a pause."""

    type: Literal["agent.resumed"] = "agent.resumed"
    item_id: str
    paused_ms: int


class DtmfReceived(Event):
    """The caller pressed keys. Of ``sensitive`` ones ``digits`` only shows how many they were."""

    type: Literal["dtmf.received"] = "dtmf.received"
    digits: str
    sensitive: bool = False


class DtmfSent(Event):
    """The other side heard the tones of these keys; of sensitive ones how many they were."""

    type: Literal["dtmf.sent"] = "dtmf.sent"
    digits: str


class GuardrailTripped(Event):
    """An agent was stopped before it said what it must not say (``words``), and why.

    ``heard_ms`` of its reply had been heard by then; ``instead`` is what it is to say now, empty
    where that is left to it. ``source``: its words themselves, or a ``moderation`` model.
    """

    type: Literal["guardrail.tripped"] = "guardrail.tripped"
    guardrail: str
    source: Literal["words", "moderation"]
    agent: str
    item_id: str
    words: str
    heard_ms: int
    instead: str = ""


Conversation = (
    SessionState
    | SessionRenewed
    | UserSpeech
    | UserTranscript
    | AgentTranscript
    | OperatorTranscript
    | AgentChanged
    | Interruption
    | AgentResumed
    | LineHeld
    | DtmfReceived
    | DtmfSent
    | GuardrailTripped
)
