"""What the caller writes instead of saying it, and what others write to the agent."""

from collections.abc import Sequence
from typing import Any

from processors.realtime.caller import Caller
from processors.realtime.history import History
from processors.realtime.interjections import Interjections
from processors.realtime.items import to_wire
from processors.realtime.responses import ResponseRequest
from processors.realtime.session import SessionError
from processors.realtime.sessions import Sessions
from processors.realtime.wording import read_message
from processors.text_mode.text_mode import TextMode


class TypedText:
    """Puts chat messages into the conversation."""

    def __init__(
        self,
        sessions: Sessions,
        history: History,
        caller: Caller,
        interjections: Interjections,
        text_mode: TextMode | None,
    ) -> None:
        self._sessions = sessions
        self._history = history
        self._caller = caller
        self._interjections = interjections
        self._text_mode = text_mode

    async def append(self, messages: Sequence[Any], *, respond: bool) -> None:
        """Adds messages; with ``respond`` they interrupt the agent, as speech does."""
        try:
            session = await self._sessions.ready()
        except SessionError:
            if self._text_mode:
                self._text_mode.append(messages, respond=respond)
            return
        if respond:
            await self._interjections.cut(session)
            session.cancel_response()
        about, new = [], []
        for message in messages:
            role, text = read_message(message)
            if not text:
                continue
            item = self._history.wrote(role, text)
            about.append(item.id)
            new.append(to_wire(item) or {})
            if role == "user":
                self._caller.typed(item.id, text)
        session.catch_up(new)
        if respond:
            session.request_response(ResponseRequest(about=about))
