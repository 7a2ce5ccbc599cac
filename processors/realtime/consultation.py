"""One agent asks another: responses outside the conversation, that the caller never hears."""

from collections.abc import Callable, Mapping, Sequence

from agents.team import Agent
from processors.consultation import SETTING, Consultation, ConsultationError
from processors.events.event import Emit
from processors.realtime.function_calls import ToolRunner
from processors.realtime.items import Item, to_input
from processors.realtime.options import function
from processors.realtime.server_events import FunctionCall
from processors.realtime.session import Session, SessionError
from processors.realtime.toolbox import Toolbox
from processors.realtime.usage import usage_of
from processors.realtime.wording import instructions
from processors.tools import Tool


class SpokenConsultation(Consultation):
    """Puts questions to agents in the session that the call is in (``conversation: "none"``)."""

    def __init__(
        self,
        toolbox: Toolbox,
        runner: ToolRunner,
        session: Callable[[], Session],
        emit: Emit,
    ) -> None:
        super().__init__(toolbox, runner)
        self._session = session
        self._emit = emit

    async def _respond(
        self, expert: Agent, items: Sequence[Item], tools: Mapping[str, Tool], *, may_call: bool
    ) -> tuple[str, Sequence[FunctionCall]]:
        try:
            session = self._session()
            response = await session.ask_aside(
                {
                    "instructions": f"{instructions(expert)}\n\n{SETTING}",
                    "output_modalities": ["text"],
                    "tools": [function(tool) for tool in tools.values()],
                    "tool_choice": "auto" if may_call else "none",
                    "input": [to_input(item) for item in items],
                }
            )
        except SessionError as error:
            raise ConsultationError(str(error)) from error
        if usage := usage_of(response, session.endpoint.model):
            self._emit(usage)
        if response.error:
            raise ConsultationError(response.error.message)
        return response.text, response.calls
