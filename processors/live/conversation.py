"""Puts the parts of a call over the Live API together, and does what others want of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Literal

from pipecat.frames.frames import Frame

from agents.team import Agent, Team
from processors.events.conversation import AgentChanged, DtmfSent
from processors.events.event import Emit
from processors.events.figures import TurnLatency
from processors.holding_line import HoldingLine
from processors.line_probe import LineProbe
from processors.live.agent_voice import AgentVoice
from processors.live.backend_tools import backend_tools
from processors.live.caller import Caller
from processors.live.delegated_work import DelegatedWork
from processors.live.dispatch import Dispatch
from processors.live.farewell import Farewell
from processors.live.guarding import LiveGuarding
from processors.live.handover import Handover
from processors.live.keypad import Keypad
from processors.live.muting import Muting
from processors.live.session import LiveSession, LiveSessionError
from processors.live.sessions import LiveSessions
from processors.live.silence import SilentCaller
from processors.live.waiting import LiveWaiting
from processors.live.wording import line
from processors.moderation import Moderation
from processors.playback import Playback
from processors.realtime.announcements import Clip
from processors.realtime.audio import format_for
from processors.realtime.background import Background
from processors.realtime.coaching import FROM_AN_OPERATOR
from processors.realtime.connection import Connect
from processors.realtime.endpoints import Endpoint
from processors.realtime.function_calls import ToolRunner
from processors.realtime.items import Message, new_item_id
from processors.realtime.policy import CallPolicy
from processors.realtime.toolbox import Toolbox, ToolSource
from processors.realtime.wording import read_message
from processors.sensitive_digits import SensitiveDigits
from processors.tone_player import TonePlayer, TonesCutError
from processors.tools import EndCall

UNHEARD = "Nothing that you have said meanwhile was heard."
"""The model can't be kept from speaking, and takes what it says for heard."""

TURN_S = 2.0
"""How long the caller's turn may go on before a session takes over that has not heard it."""

GO_ON = "The line to you was interrupted. Answer what the caller said last, if you have not yet."


class Conversation:
    """One call's side of the Live API. See `processors.live.service.LiveService` for arguments.

    ``push`` sends a frame downstream, ``broadcast`` one of a class in both directions.
    """

    def __init__(
        self,
        team: Team,
        *,
        call_id: str,
        endpoint: Endpoint,
        backend_model: str,
        policy: CallPolicy,
        tools: ToolSource,
        playback: Playback,
        emit: Emit,
        sample_rate: int,
        on_end: Callable[[str], Awaitable[None]],
        on_unavailable: Callable[[str], Awaitable[None]],
        hold: Callable[[], Clip] | None,
        moderation: Moderation | None,
        rtvi: bool,
        connect: Connect,
        push: Callable[[Frame], Awaitable[None]],
        broadcast: Callable[[type[Frame]], Awaitable[None]],
    ) -> None:
        self.history: list[Message] = []
        self.secrets = SensitiveDigits()
        self._team = team
        self._playback = playback
        self._emit = emit
        self._first_words_s = policy.first_words_s
        # Who was called has the first word, and waits for nothing until then.
        self._is_opening = policy.first_words_s is not None
        self._background = Background()
        toolbox = Toolbox(team, tools)
        audio_format = format_for(sample_rate)
        self.caller = Caller(
            audio_format, self.history, emit, push, on_words=self._caller_speaks, rtvi=rtvi
        )
        self.voice = AgentVoice(
            playback, audio_format, self.history, emit, push, on_sound=self._agent_sounds, rtvi=rtvi
        )
        self._guarding = LiveGuarding(
            self.voice,
            audio_format,
            emit,
            self._background,
            moderation=moderation,
            tell=self._instruct,
            start_over=self._start_over,
            broadcast=broadcast,
        )
        self.muting = Muting(
            self.caller, self.voice, broadcast, lambda: self.tell_session("commentary", GO_ON)
        )
        self._tones = TonePlayer(self.voice.sound, playback, sample_rate)
        self.sessions = LiveSessions(
            endpoint,
            backend_model=backend_model,
            session_s=policy.session_s,
            audio_format=audio_format,
            tools=lambda agent: backend_tools(agent, team, toolbox),
            history=self.history,
            caller=self.caller,
            emit=emit,
            background=self._background,
            pause=self._pause,
            on_event=lambda session, event: self._dispatch.event(session, event),
            on_lost=lambda: self._waiting.session_lost(),
            on_replaced=self._replaced,
            on_unavailable=on_unavailable,
            connect=connect,
        )
        self._handover = Handover(
            team,
            self.sessions,
            self.history,
            self.voice,
            emit,
            may_speak=lambda: not self.muting.is_aside,
        )
        self._farewell = Farewell(self.voice, playback, self._background, on_end)
        self._work = DelegatedWork(
            ToolRunner(call_id, emit, self.secrets),
            self._background,
            self.history,
            emit,
            model=backend_model,
            turns=lambda: self.caller.turns,
            may_run=lambda: not self.muting.is_aside,
            on_handoff=self._handover.carry_out,
            on_end=self._wants_to_end,
        )
        self._dispatch = Dispatch(
            self.sessions,
            self.caller,
            self._guarding,
            self.muting,
            self._work,
            emit,
            model=endpoint.model,
        )
        self.keypad = Keypad(emit, playback, self._pressed)
        self._silence = SilentCaller(
            self.caller,
            is_silent=lambda: self._is_silent,
            say=lambda text: self.tell_session("commentary", line(text)),
            let_go=self._farewell.begin,
            idle_s=policy.idle_s,
            is_placed=policy.is_placed,
        )
        self._waiting = LiveWaiting(
            self.caller,
            self.voice,
            self.keypad,
            playback,
            self.history,
            sample_rate,
            session=lambda: self.sessions.current,
            is_held=lambda: self._is_opening or self.muting.is_any or self.sessions.is_given_up,
            is_working=lambda: self._work.is_busy,
            is_stopped=lambda: self._guarding.is_stopped,
        )
        self._holding_line = HoldingLine(
            hold,
            after_s=policy.hold_s,
            waits_for=self._waiting.waits_for,
            play=self._hold,
            emit=emit,
        )
        self._line_probe = LineProbe(self._waiting.session, lambda: self._waiting.is_hearing)
        self._closing: asyncio.Task[None] | None = None

    # What the pipeline does.

    @property
    def agent(self) -> Agent:
        """Who has the caller now."""
        return self._handover.agent

    def start(self) -> None:
        """Opens the first session and has the first agent greet, beside everything else."""
        self._background.start(self._begin(), "live-begin")
        self._background.start(self.caller.fill(lambda: self.sessions.current), "live-fill")
        self._background.start(self._silence.watch(), "live-silence")
        self._background.start(self._holding_line.watch(), "live-holding-line")
        self._background.start(self._line_probe.watch(), "live-line-probe")

    def hear(self, pcm: bytes) -> None:
        """The caller's audio."""
        self.caller.is_muted = self.muting.is_muted("caller")
        session = self.sessions.current
        self.caller.hear(pcm, session)
        if session is None and not self.caller.is_muted:
            self._waiting.hear(pcm)

    def append(self, messages: Sequence[Any], *, respond: bool) -> None:
        """Typed text; the model is told of it, and with ``respond`` asked to react."""
        if self.muting.is_muted("caller"):
            return
        for message in messages:
            role, text = read_message(message)
            if not text:
                continue
            if role == "user":
                self.caller.wrote(text)
                self._caller_speaks()
                told = f"The caller has written: {text}"
                self.tell_session(self._channel if respond else "thinking", told)
            else:
                self.tell(text, respond=respond)

    async def press(self, key: str) -> None:
        """The caller pressed a key; a muted one's are not heard either."""
        if not self.muting.is_muted("caller"):
            self.keypad.press(key)

    async def interrupted(self) -> None:
        """A client interrupted the agent: what waits to be heard is dropped."""
        await self.voice.cut()

    def stop(self) -> None:
        """The call ends: nothing more is said or heard, what was said may still be played."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="live-close")

    async def close(self) -> None:
        """Frees everything; what was not heard by now never will be."""
        self.stop()
        if self._closing:
            await self._closing
        self._playback.cut()

    # What others do.

    async def say(self, text: str) -> None:
        """Has the agent say a line, in its own words; returns when it was heard."""
        try:
            session = await self.sessions.ready()
        except LiveSessionError:
            return
        await self._pause()
        session.tell("commentary", line(text))
        await self.voice.has_spoken()
        await self._playback.drained()

    def fill(self, text: str) -> bool:
        """Has the agent say a line if nobody speaks; whether it does."""
        speaks = (
            self.voice.is_speaking or self._playback.is_playing or not self.caller.quiet.is_calm
        )
        if speaks or self.muting.is_any or self.sessions.current is None:
            return False
        self.tell_session("commentary", line(text))
        return True

    async def play(self, clip: Clip) -> bool:
        """Plays a line of ours, and whether it was heard."""
        await self.voice.finish()
        await self.voice.announce(self.agent.name, clip.text, clip.pcm)
        return await self._playback.heard_out()

    async def _hold(self, clip: Clip) -> None:
        await self.voice.announce(self.agent.name, clip.text, clip.pcm)

    async def send_digits(self, digits: str) -> None:
        """Plays tones. Raises `TonesCutError`."""
        await self.voice.quiet.calm()
        heard = await self._tones.play(digits)
        if heard < len(digits):
            raise TonesCutError(f"only the first {heard} of {len(digits)} keys were heard")
        is_secret = self.secrets.mask(digits) != digits
        self._emit(DtmfSent(digits="•" * len(digits) if is_secret else digits))

    def coach(self, instruction: str, *, respond: bool) -> None:
        """An instruction that stays with the conversation."""
        told = FROM_AN_OPERATOR.format(instruction)
        self.history.append(Message(new_item_id(), "system", told))
        self.tell_session("instructions", told)
        if respond:
            self.tell_session("commentary", "Go on at once, as your colleague has instructed you.")

    def tell(self, fact: str, *, respond: bool) -> None:
        """What happened."""
        self.history.append(Message(new_item_id(), "system", fact))
        self.tell_session("commentary" if respond else "thinking", fact)

    def resume(self, told: str) -> None:
        """The caller is back."""
        self.muting.resume()
        self.tell(told, respond=True)

    async def stand_aside(self, told: str) -> None:
        """A person talks with the caller: what the model says meanwhile is not heard."""
        self._farewell.cancel()
        await self.muting.stand_aside()
        self.tell(told, respond=False)

    def come_back(self, told: str, opening: str | None) -> None:
        """The agent has the caller again."""
        if not self.muting.is_aside:
            return
        self.muting.come_back()
        self.tell(f"{told} {UNHEARD}", respond=False)
        if opening:
            self.tell_session("commentary", line(opening))

    def tell_session(self, channel: Any, text: str) -> None:
        """Tells the current session, if there is one: another is seeded with the history."""
        if session := self.sessions.current:
            session.tell(channel, text)

    # What the model does.

    async def _begin(self) -> None:
        entry = self._team.entry
        self._emit(AgentChanged(from_agent=None, to_agent=entry.name, voice=entry.voice))
        if await self.sessions.begin(entry):
            self._waiting.session_began()
            if self._first_words_s:
                await self._first_words(self._first_words_s)
            self._is_opening = False
            greeting = entry.greeting
            self.tell_session("commentary", line(greeting) if greeting else "Greet the caller.")

    async def _first_words(self, patience_s: float) -> None:
        """Who was called may speak first, and is not greeted before they have."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self.caller.first_turn.wait()

    def _instruct(self, channel: Any, text: str) -> None:
        """Tells this session, and those that follow."""
        if channel == "instructions":
            self.history.append(Message(new_item_id(), "system", text))
        self.tell_session(channel, text)

    async def _start_over(self) -> bool:
        """Another session takes over, unless this one still has something that it has to finish."""
        if self._work.is_busy:
            return False
        # A turn that goes on is heard to its end, and is one that the model stops for by itself.
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_S):
                await self.caller.quiet.calm()
        if self._work.is_busy or self.caller.is_speaking:
            return False
        return await self.sessions.start_over()

    def _replaced(self, _session: LiveSession) -> None:
        """A lost session has a successor, which knows what was said."""
        self._background.start(self.voice.finish(), "live-finish")
        if self._guarding.is_stopped:
            self._guarding.session_changed()
            return
        last = next((m for m in reversed(self.history) if m.role != "system"), None)
        if last and last.role == "user" and not self.muting.is_aside:
            self.tell_session("commentary", GO_ON)

    # Inside.

    def _caller_speaks(self) -> None:
        self._guarding.caller_spoke()
        self._farewell.cancel()
        self.keypad.caller_spoke()

    def _agent_sounds(self) -> None:
        if (at := self.caller.last_word_at) is not None:
            self.caller.last_word_at = None
            latency = (asyncio.get_running_loop().time() - at) * 1000
            self._emit(TurnLatency(latency_ms=round(latency, 1)))

    def _pressed(self, keys: str) -> None:
        text = f"(pressed on the keypad) {' '.join(keys)}"
        self.caller.wrote(text)
        self.tell_session(self._channel, f"The caller has pressed keys: {' '.join(keys)}")

    def _wants_to_end(self, wish: EndCall) -> None:
        """An agent ends the call, unless a person talks with the caller now."""
        if not self.muting.is_aside:
            self._farewell.begin(wish)
        elif wish.given_up:
            wish.given_up()

    @property
    def _channel(self) -> Literal["commentary", "thinking"]:
        """By which the model is told what it is to react to, unless a person has the caller."""
        return "thinking" if self.muting.is_aside else "commentary"

    @property
    def _is_silent(self) -> bool:
        busy = self.voice.is_speaking or self._playback.is_playing or self._work.is_busy
        busy = busy or self._guarding.is_stopped
        return not (busy or self.muting.is_any or self.sessions.current is None)

    async def _pause(self) -> None:
        await self.voice.quiet.calm()
        await self.caller.quiet.calm()
        await self._playback.drained()

    async def _close(self) -> None:
        self.keypad.close()
        await self._background.close()
        await self.caller.finish()
        await self.voice.finish()
        await self.sessions.close()
