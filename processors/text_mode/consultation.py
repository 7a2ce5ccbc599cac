"""One agent asks another in writing, by chat completions."""

from collections.abc import Mapping, Sequence

from agents.team import Agent
from processors.consultation import SETTING, Consultation, ConsultationError
from processors.events.event import Emit
from processors.events.figures import Usage
from processors.realtime.function_calls import ToolRunner
from processors.realtime.items import Item, Message, new_item_id, to_input
from processors.realtime.server_events import FunctionCall
from processors.realtime.toolbox import Toolbox
from processors.text_mode.chat import Chat, ChatError
from processors.text_mode.messages import messages_of
from processors.tools import Tool


class WrittenConsultation(Consultation):
    """Puts questions to agents by the chat that the caller is in."""

    def __init__(self, chat: Chat, toolbox: Toolbox, runner: ToolRunner, emit: Emit) -> None:
        super().__init__(toolbox, runner)
        self._chat = chat
        self._emit = emit

    async def _respond(
        self, expert: Agent, items: Sequence[Item], tools: Mapping[str, Tool], *, may_call: bool
    ) -> tuple[str, Sequence[FunctionCall]]:
        setting = Message(new_item_id(), "system", SETTING)
        messages = messages_of(expert, [to_input(item) for item in (setting, *items)])
        words: list[str] = []
        calls: list[FunctionCall] = []
        try:
            async for part in self._chat.answer(messages, list(tools.values()), may_call=may_call):
                match part:
                    case str():
                        words.append(part)
                    case FunctionCall():
                        calls.append(part)
                    case Usage():
                        self._emit(part)
        except ChatError as error:
            raise ConsultationError(str(error)) from error
        return "".join(words), calls
