"""Carries out TwiML on one call, verb by verb."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

from loguru import logger

from emulators.twilio import twiml
from emulators.twilio.callbacks import CallbackQueue, report_stream
from emulators.twilio.calls import Call, CallStatus
from emulators.twilio.exchange import Exchange
from emulators.twilio.keypad import gather, tones
from emulators.twilio.leg import Leg
from emulators.twilio.media_stream import MediaStream
from emulators.twilio.notes import CarrierError, Code, Note
from emulators.twilio.stream_socket import StreamSocket
from emulators.twilio.twiml_parser import parse
from emulators.twilio.wav import read_ulaw

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
"""What a caller hears when the application fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where TwiML comes from: a URL, or the document itself.

    Attributes:
        parameters: What the request says besides the call's own parameters.
        fallback: Where to ask when the URL fails.
    """

    url: str = ""
    method: twiml.Method = "POST"
    document: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    fallback: "Source | None" = None


class CallFlow:
    """Runs one call's TwiML.

    Args:
        call: The call.
        exchange: The carrier's machinery.
        callbacks: Where the call's status callbacks go.
        answer: Connects an incoming call and gives its leg; the leg if it is connected already.
        dial: Calls another number, joins it to the call, and returns the parameters that a
            ``<Dial>`` sends to its action.

    Attributes:
        streams: The call's media streams so far.
        hung_up: Whether a ``<Hangup>`` ended the last document.
    """

    def __init__(
        self,
        call: Call,
        exchange: Exchange,
        *,
        callbacks: CallbackQueue,
        answer: Callable[[], Leg],
        dial: Callable[[twiml.Dial], Awaitable[dict[str, str]]],
    ) -> None:
        self._call = call
        self._exchange = exchange
        self._callbacks = callbacks
        self._answer = answer
        self._dial = dial
        self._base = ""
        self.streams: list[MediaStream] = []
        self.hung_up = False

    async def run(self, source: Source) -> None:
        """Carries out documents until there is no verb left: then the call is to end."""
        following: Source | None = source
        while following:
            try:
                following = await self._perform(await self._fetch(following))
            except CarrierError as error:
                self._note(error.note)
                following = following.fallback if following else None
                if not following:
                    await self._apologise()

    async def _fetch(self, source: Source) -> tuple[twiml.Verb, ...]:
        if source.document is not None:
            return parse(source.document)
        self._base = source.url
        parameters = self._call.parameters() | source.parameters
        text = await self._exchange.webhooks.twiml(source.url, parameters, source.method)
        return parse(text)

    async def _perform(self, verbs: Sequence[twiml.Verb]) -> Source | None:
        for verb in verbs:
            match verb:
                case twiml.Hangup():
                    self._answer()
                    self.hung_up = True
                    return None
                case twiml.Reject(reason):
                    self._reject(reason)
                    return None
                case twiml.Redirect(url, method):
                    return self._at(url, method)
                case twiml.Pause(length) if self._call.status is CallStatus.RINGING:
                    # The one verb that delays answering.
                    await self._exchange.clock.sleep(length)
                case twiml.Say() | twiml.Play() | twiml.Pause():
                    await self._prompt(self._answer(), verb)
                case twiml.Connect():
                    following = await self._connect(self._answer(), verb)
                    if following:
                        return following
                case twiml.Dial():
                    self._answer()
                    outcome = await self._dial(self._absolute(verb))
                    if verb.action is not None:
                        return self._at(verb.action, verb.method, outcome)
                case twiml.Gather():
                    following = await self._gather(self._answer(), verb)
                    if following:
                        return following
        self._answer()
        return None

    def _at(
        self, url: str, method: twiml.Method, parameters: dict[str, str] | None = None
    ) -> Source:
        return Source(url=urljoin(self._base, url), method=method, parameters=parameters or {})

    def _absolute(self, verb: twiml.Dial) -> twiml.Dial:
        def resolved(url: str | None) -> str | None:
            return None if url is None else urljoin(self._base, url)

        numbers = tuple(
            replace(
                number,
                url=resolved(number.url),
                status_callback=resolved(number.status_callback),
            )
            for number in verb.numbers
        )
        return replace(verb, numbers=numbers)

    def _reject(self, reason: str) -> None:
        if self._call.status is not CallStatus.RINGING:
            raise CarrierError(Code.SCHEMA, "<Reject> on a call that is answered already")
        self._call.move_to(CallStatus.BUSY if reason == "busy" else CallStatus.NO_ANSWER)

    async def _prompt(self, leg: Leg, verb: twiml.Say | twiml.Play | twiml.Pause) -> None:
        match verb:
            case twiml.Say(text, loop):
                await self._repeat(leg, await self._exchange.speak(text), loop)
            case twiml.Play(None, digits, loop):
                await self._repeat(leg, tones(digits), loop)
            case twiml.Play(url, _, loop):
                data = await self._exchange.webhooks.audio(urljoin(self._base, url or ""))
                try:
                    audio = read_ulaw(data)
                except ValueError as error:
                    raise CarrierError(Code.CONTENT_TYPE, f"<Play> {url}: {error}") from error
                await self._repeat(leg, audio, loop)
            case twiml.Pause(length):
                await leg.phone.pause(length)

    async def _repeat(self, leg: Leg, audio: bytes, loop: int) -> None:
        played = 0
        while loop == 0 or played < loop:
            await leg.play(audio)
            played += 1

    async def _connect(self, leg: Leg, verb: twiml.Connect) -> Source | None:
        wanted = verb.stream
        url = urljoin(self._base, wanted.url)
        socket = StreamSocket(url, self._exchange.webhooks.auth_token)
        stream = MediaStream(
            call_sid=self._call.sid,
            account_sid=self._call.account_sid,
            parameters=wanted.parameters,
            playback=leg.playback,
            send=socket.send,
        )

        def report(event: str, error: str = "") -> None:
            report_stream(self._callbacks, self._call, wanted, stream.sid, event, error)

        try:
            await socket.connect()
        except CarrierError as error:
            self._note(error.note)
            report("stream-error", str(error))
        else:
            self.streams.append(stream)
            report("stream-started")
            try:
                broken = await self._stream(leg, socket, stream)
            except asyncio.CancelledError:
                report("stream-stopped")
                raise
            report("stream-error" if broken else "stream-stopped", broken)
        if verb.action is None:
            return None
        return self._at(verb.action, verb.method, {"StreamSid": stream.sid})

    async def _stream(self, leg: Leg, socket: StreamSocket, stream: MediaStream) -> str:
        """Runs a connected stream until it is closed; returns what broke it, if anything did."""
        stream.open()
        untap = leg.tap(stream.hear)
        leg.phone.on_key = stream.press
        broken = ""
        try:
            await socket.run(stream)
        except CarrierError as error:
            self._note(error.note)
            broken = str(error)
        except asyncio.CancelledError:
            # The call is over or does something else from now on: the application is told.
            stream.stop()
            raise
        finally:
            untap()
            leg.phone.on_key = lambda key: None
            stream.close()
            self._call.notes.extend(stream.notes)
            await socket.finish()
        return broken

    async def _gather(self, leg: Leg, verb: twiml.Gather) -> Source | None:
        async def prompts() -> None:
            for prompt in verb.prompts:
                await self._prompt(leg, prompt)

        typed = await gather(leg, verb, prompts())
        if not typed.digits and not verb.action_on_empty_result:
            return None
        url = self._base if verb.action is None else verb.action
        parameters = {"Digits": typed.digits, "FinishedOnKey": typed.finished_on}
        return self._at(url, verb.method, parameters)

    async def _apologise(self) -> None:
        leg = self._answer()
        leg.playback.clear()
        await leg.play(await self._exchange.speak(APOLOGY))

    def _note(self, note: Note) -> None:
        logger.warning("call {}: {} {}", self._call.sid, note.code, note.message)
        self._call.notes.append(note)
