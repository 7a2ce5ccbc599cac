"""One item of the agent's speech, while it is made and heard."""

from dataclasses import dataclass, field

from processors.realtime.session import Session


@dataclass(slots=True)
class Utterance:
    """One item that the agent says, as far as it has come and was heard.

    Attributes:
        session: Who says it; None for what no model says.
        response_id: Of the response that it is part of; empty where there is none.
        rest: Audio that does not fill a frame yet.
        audio_ms: How much audio has come.
        is_done: All its audio has come.
        is_complete: All its words have come, too.
        is_broken: The rest of it never will.
        is_remembered: Models are told of it.
        is_heard: It was heard to its end, as far as it had come.
    """

    session: Session | None
    response_id: str
    item_id: str
    agent: str
    content_index: int = 0
    deltas: list[str] = field(default_factory=list)
    rest: bytes = b""
    has_audio: bool = False
    audio_ms: float = 0.0
    is_done: bool = False
    is_complete: bool = False
    is_broken: bool = False
    is_remembered: bool = True
    is_heard: bool = False

    @property
    def text(self) -> str:
        """Its words so far."""
        return "".join(self.deltas)
