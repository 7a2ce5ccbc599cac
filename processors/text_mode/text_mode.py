"""The conversation goes on in writing, with the same agent, history and tools, until voice is back.

Its way in and out: `begin` when no Realtime endpoint is left, `append` for what the caller types,
`act` for the results of function calls; it ends by itself when an endpoint serves again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from loguru import logger
from pipecat.frames.frames import Frame

from agents.team import Agent, Team
from processors.events.calls import Problem
from processors.events.conversation import AgentChanged, GuardrailTripped, SessionState
from processors.events.event import Emit
from processors.events.figures import Usage
from processors.guardrails import MOST_TRIES, Trip
from processors.handoff import briefing
from processors.moderation import Moderation
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.function_calls import FunctionCalls, Round, ToolRunner
from processors.realtime.history import History
from processors.realtime.items import new_item_id
from processors.realtime.server_events import FunctionCall, ResponseDone
from processors.realtime.sessions import Sessions
from processors.realtime.toolbox import Toolbox
from processors.realtime.wording import read_message, spoken_line
from processors.text_mode.chat import Chat, ChatEndpoint, ChatError
from processors.text_mode.consultation import WrittenConsultation
from processors.text_mode.messages import is_owed_answer, messages_of
from processors.text_mode.writing import StoppedError, Writing
from processors.tools import EndCall, Handoff

RETRY_S = 10.0
"""Between attempts to get a voice again."""

AWAY = "I am sorry, our voice line is down. Please type, and I will answer you in writing."
BACK = "I can hear you again. You can speak to me now."
GOODBYE = "Thank you for calling. Goodbye!"


class TextMode:
    """One call's conversation in writing.

    Args:
        endpoint: Who answers.
        team: Whose agents the caller may be given to.
        sessions: Asked for a voice now and then.
        history: Of the call, whichever way it is held.
        caller: Told what was typed.
        calls: Runs the function calls.
        toolbox: What each agent may call.
        runner: Runs the calls of agents who are asked by others.
        emit: Takes events.
        push: Sends frames downstream.
        background: Owns what runs.
        may_write: Whether the agent has the caller: a person may talk with them in its place.
        on_end: An agent ended the call.
        on_failed: The chat can't be reached either.
        moderation: Asked about each sentence before it is shown.
    """

    def __init__(
        self,
        endpoint: ChatEndpoint,
        *,
        team: Team,
        sessions: Sessions,
        history: History,
        caller: Caller,
        calls: FunctionCalls,
        toolbox: Toolbox,
        runner: ToolRunner,
        emit: Emit,
        push: Callable[[Frame], Awaitable[None]],
        background: Background,
        may_write: Callable[[], bool],
        on_end: Callable[[str], Awaitable[None]],
        on_failed: Callable[[str], Awaitable[None]],
        moderation: Moderation | None,
    ) -> None:
        self._endpoint = endpoint
        self._team = team
        self._sessions = sessions
        self._history = history
        self._caller = caller
        self._calls = calls
        self._toolbox = toolbox
        self._runner = runner
        self._emit = emit
        self._push = push
        self._background = background
        self._may_write = may_write
        self._on_end = on_end
        self._on_failed = on_failed
        self._moderation = moderation
        self._agent: Agent | None = None
        self._chat: Chat | None = None
        self._why = ""
        self._is_shown = False
        self._turn: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._has_written: set[str] = set()
        self._stops = 0

    @property
    def agent(self) -> Agent | None:
        """Who has the caller; None while the call is not held in writing."""
        return self._agent

    def begin(self, agent: Agent, why: str) -> None:
        """Takes the call over: answers what is owed, or greets, or says that voice is away."""
        self._agent = agent
        self._why = why
        self._is_shown = False
        self._chat = self._chat or Chat(self._endpoint)
        self._caller.silenced()
        self._respond(self._opening(agent))
        self._looking = self._background.start(self._look_for_voice(), "text-look-for-voice")

    def append(self, messages: Sequence[Any], *, respond: bool) -> None:
        """What the caller typed, or others wrote to the agent."""
        for message in messages:
            role, text = read_message(message)
            if not text:
                continue
            item = self._history.wrote(role, text)
            if role == "user":
                self._stops = 0
                self._caller.typed(item.id, text)
        if respond:
            self.answer()

    def answer(self) -> None:
        """Has the agent write, unless a tool runs: its output is waited for, and answered."""
        if not self._calls.is_busy:
            self._respond()

    def hush(self) -> None:
        """A person talks with the caller from now on: what is being written ends here."""
        self._stop_turn()

    def come_back(self, line: str) -> None:
        """The agent has the caller again, and opens with ``line`` or the like."""
        self._respond(_line(line if self._is_shown else f"{line} {AWAY}"))

    async def say(self, text: str) -> None:
        """Writes a line in the agent's name."""
        if self._agent:
            self._stop_turn()
            writing = Writing(self._agent.name, self._history, self._emit, self._push)
            await writing.add(text)
            await writing.end()

    async def act(self, round_: Round) -> None:
        """All calls of an answer have their results: another answer, or what they ask for."""
        if self._agent is None:
            return
        handoffs = [(c, r) for c, r in round_.results if isinstance(r, Handoff)]
        for call, _ in handoffs[1:]:
            self._history.answered(call.call_id, "Another transfer is under way.")
        ends = [result for _, result in round_.results if isinstance(result, EndCall)]
        if handoffs:
            self._hand_over(self._agent, *handoffs[0])
        elif ends and not self._may_write():
            for end in ends:
                if end.given_up:
                    end.given_up()
        elif ends:
            if round_.response_id not in self._has_written:
                await self.say(GOODBYE)
            await self._on_end(ends[0].reason)
        else:
            self._respond()

    async def close(self) -> None:
        """Closes the connections; what runs is the background's."""
        self._agent = None
        if self._chat:
            await self._chat.close()

    def _opening(self, agent: Agent) -> str:
        items = self._history.seed()
        if not items:
            return _line(agent.greeting) if agent.greeting else ""
        lost = self._sessions.current
        was_answering = lost is not None and lost.owes_answer and self._caller.utterances > 0
        return "" if was_answering or is_owed_answer(items) else _line(AWAY)

    def _hand_over(self, from_agent: Agent, call: FunctionCall, handoff: Handoff) -> None:
        agent = self._agent = self._team.agent(handoff.to_agent)
        self._history.drop_notes()
        self._history.answered(call.call_id, handoff.output)
        self._history.wrote("system", briefing(from_agent, agent, handoff), is_note=True)
        self._emit(
            AgentChanged(
                from_agent=from_agent.name,
                to_agent=agent.name,
                voice=agent.voice,
                reason=handoff.reason,
                context=handoff.context,
            )
        )
        self._respond()

    def _respond(self, directive: str = "", *, then: str | None = None) -> None:
        """Begins an answer, if the agent may; one that is being written has been overtaken.

        With a ``directive`` the answer is what that says, and ``then`` is called.
        """
        if self._agent and self._chat and self._may_write():
            self._stop_turn()
            self._turn = self._background.start(
                self._write(self._agent, self._chat, directive, then), "text-turn"
            )

    def _stop_turn(self) -> None:
        if self._turn and self._turn is not asyncio.current_task():
            self._turn.cancel()

    async def _write(self, agent: Agent, chat: Chat, directive: str, then: str | None) -> None:
        said = (agent.name, self._history, self._emit, self._push)
        writing = Writing(*said, agent.guardrails, self._moderation)
        response_id = new_item_id()
        calls: list[FunctionCall] = []
        consultation = WrittenConsultation(chat, self._toolbox, self._runner, self._emit)
        tools = await self._toolbox.tools(agent, consultation.ask)
        messages = messages_of(agent, self._history.seed(), directive)
        by_name = {tool.name: tool for tool in tools}
        may_call = not directive and self._calls.may_go_on
        must_call = then if then in by_name and not directive else None
        try:
            async for part in chat.answer(messages, tools, may_call=may_call, must_call=must_call):
                self._show()
                match part:
                    case str():
                        await writing.add(part)
                    case FunctionCall():
                        calls.append(part)
                    case Usage():
                        self._emit(part)
            await writing.end()
        except asyncio.CancelledError:
            writing.cut()
            raise
        except ChatError as error:
            writing.cut()
            await self._fail(error)
            return
        except StoppedError as stopped:
            writing.cut()
            self._stopped(agent, writing.item_id, stopped.trip)
            return
        if writing.text:
            self._has_written.add(response_id)
        for call in calls:
            self._calls.made(response_id, call, by_name, agent.name)
        self._calls.response_done(ResponseDone(response_id, "completed"), by_name, agent.name)
        if directive and then:
            self._respond(then=then)

    def _stopped(self, agent: Agent, item_id: str, trip: Trip) -> None:
        """The agent was writing what it must not say: it is told, and something else is written."""
        self._stops += 1
        line = trip.line(self._stops)
        self._emit(
            GuardrailTripped(
                guardrail=trip.guardrail,
                source=trip.source,
                agent=agent.name,
                item_id=item_id,
                words=trip.words,
                heard_ms=0,
                instead=line or "",
            )
        )
        self._history.wrote("system", trip.told)
        if self._stops <= MOST_TRIES:
            self._respond(_line(line) if line else "", then=trip.then)

    def _show(self) -> None:
        """The chat answers: the call is held in writing from here on."""
        if self._is_shown:
            return
        self._is_shown = True
        self._emit(SessionState(state="text", detail=self._endpoint.name))
        self._emit(Problem(source="realtime", code="voice_unavailable", message=self._why))

    async def _fail(self, error: ChatError) -> None:
        logger.warning("the call can't be held in writing: {}", error)
        self._agent = None
        if self._looking:
            self._looking.cancel()
        await self._on_failed(f"{self._why}; {error}")

    async def _look_for_voice(self) -> None:
        while True:
            await asyncio.sleep(RETRY_S)
            agent = self._agent
            if agent is None:
                return
            session = await self._sessions.reopen(agent)
            if session is None:
                continue
            # What is being written, or looked up, comes to its end first.
            while (turn := self._turn) and not turn.done():
                await asyncio.wait((turn,))
            if session.is_lost or self._agent is not agent or self._calls.is_busy:
                await self._sessions.discard(session)
                continue
            self._agent = None
            self._sessions.activate(session)
            if self._may_write():
                session.request_response(spoken_line(BACK))
            return


def _line(text: str) -> str:
    return f'Say to the caller: "{text}"'
