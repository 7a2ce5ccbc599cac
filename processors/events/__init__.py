"""Every observable fact of a call, one type each, in modules by topic.

Processors report them through `Emit`; the bus in `bot.events` carries them to its subscribers.
Adding an event means adding a class to its topic's module, its name to the union at that module's
end, and a line to ``docs/events.md``.
"""

from typing import Annotated

from pydantic import Field, TypeAdapter

from processors.events.calls import CallLifecycle
from processors.events.conversation import Conversation
from processors.events.figures import Measured
from processors.events.outcome import CallOutcome
from processors.events.people import PeopleActing
from processors.events.recording import Recorded
from processors.events.tools import ToolUse

CallEvent = Annotated[
    CallLifecycle | CallOutcome | Conversation | ToolUse | PeopleActing | Recorded | Measured,
    Field(discriminator="type"),
]

call_event: TypeAdapter[CallEvent] = TypeAdapter(CallEvent)
"""Parses and writes any event, told apart by ``type``."""
