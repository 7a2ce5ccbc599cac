"""Gives a caller to a person, and takes them back when nobody takes the call.

While the carrier rings the person, the call is suspended: its media stream is over, its
conversation is not. When the person takes it the call is done here. Otherwise the carrier connects
a new media stream to the same call, which goes on where it was.
"""

import asyncio

from twilio.twiml.voice_response import VoiceResponse

from bot.calls import Call
from bot.carrier import Carrier
from bot.transfer_order import TransferError, TransferOrder, Transferring
from bot.transports.media_socket import MediaSocket
from bot.transports.media_streams import Start
from bot.transports.twilio import TwilioLine
from processors.events.people import TransferFinished, TransferOutcome, TransferStarted

RING_S = 25
"""Most voicemail services answer later than that."""

DECISION_S = 90.0
"""How long a person may take to hear the summary, twice, and to take the call or not."""

RETURN_S = 15.0
"""How long the carrier may take to bring a caller back; after that the caller has hung up."""

OUTCOMES: dict[str, TransferOutcome] = {
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "failed",
}
"""By the carrier's ``DialCallStatus``; ``completed`` depends on what the person did."""

BACK = (
    "The transfer to a person did not succeed: {}. The caller has heard nothing but ringing and is "
    "back with you. Speak first: say so in one sentence, and what you can do instead. Do not try "
    "it again unless the caller asks."
)
REASONS: dict[TransferOutcome, str] = {
    "busy": "the line is busy",
    "no_answer": "nobody answered",
    "declined": "the person could not take the call now",
    "failed": "the call could not be put through",
}


class Transfer:
    """One attempt, from the moment that the line is suspended to its outcome."""

    def __init__(self, call: Call, line: TwilioLine, order: TransferOrder) -> None:
        self.order = order
        self.is_taken = False
        self._call = call
        self._line = line
        self._outcome: TransferOutcome | None = None
        self._deadline: asyncio.TimerHandle | None = None

    async def suspend(self) -> None:
        """Takes the line away from the conversation, which keeps quiet meanwhile."""
        order = self.order
        if self._call.takeover:
            # Who is about to take the call over would talk to nobody.
            await self._call.takeover.withdraw("transfer")
        self._call.emit(
            TransferStarted(
                kind=order.kind, to=order.to, reason=order.reason, summary=order.summary
            )
        )
        self._line.suspend()
        if self._call.model:
            await self._call.model.suspend()
        self.expect(RING_S + RETURN_S)

    def expect(self, seconds: float) -> None:
        """The carrier has so long to tell more; then the caller is taken to have hung up."""
        if self._deadline:
            self._deadline.cancel()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(seconds, self._give_up)

    async def taken(self) -> None:
        """The person takes the call: it is done here."""
        if self.is_taken or self._outcome:
            return
        self.is_taken = True
        self._finish("answered")
        await self._call.hand_over()

    async def progress(self, status: str) -> None:
        """The carrier tells of the person's own call."""
        if status == "in-progress" and self.order.kind == "blind":
            await self.taken()
        elif status != "in-progress" and not self.is_taken:
            # What becomes of the caller is asked for next, unless there is none any more.
            self.expect(RETURN_S)

    def came_to_nothing(self, outcome: TransferOutcome) -> None:
        """Nobody took the call; the caller is on the way back."""
        self._finish(outcome)
        self.expect(RETURN_S)

    def resume(self, socket: MediaSocket | None = None, start: Start | None = None) -> None:
        """The caller is back, on a new stream or still on the old one; the agent speaks first."""
        if self._deadline:
            self._deadline.cancel()
        if socket and start:
            self._line.resume(socket, start)
        else:
            self._line.stay()
        if self._call.model:
            self._call.model.resume(BACK.format(REASONS[self._outcome or "failed"]))

    def _finish(self, outcome: TransferOutcome) -> None:
        if self._outcome:
            return
        if self._deadline:
            self._deadline.cancel()
        self._outcome = outcome
        self._call.emit(TransferFinished(kind=self.order.kind, to=self.order.to, outcome=outcome))

    def _give_up(self) -> None:
        self._finish("failed")
        self._line.gone()


class Transfers:
    """The transfers of one process, by call id; none without an account at the carrier."""

    def __init__(self, carrier: Carrier | None) -> None:
        self._carrier = carrier
        self._under_way: dict[str, Transfer] = {}
        self._watching: set[asyncio.Task[None]] = set()

    def of(self, call: Call, base_url: str) -> Transferring | None:
        """How the caller of ``call`` is transferred; None where that is not possible.

        Args:
            call: A phone call.
            base_url: Of this service, as the carrier knows it.
        """
        carrier = self._carrier
        if carrier is None:
            return None

        async def transfer(order: TransferOrder) -> None:
            await self._begin(carrier, call, base_url, order)

        return transfer

    def under_way(self, call_id: str) -> Transfer | None:
        """The transfer that a call is suspended for."""
        return self._under_way.get(call_id)

    def take_back(self, call_id: str) -> Transfer | None:
        """The transfer whose caller is back; it is over with that."""
        return self._under_way.pop(call_id, None)

    async def _begin(
        self, carrier: Carrier, call: Call, base_url: str, order: TransferOrder
    ) -> None:
        line = call.line
        if call.reason:
            raise TransferError("the call is about to end")
        if not isinstance(line, TwilioLine) or call.id in self._under_way:
            raise TransferError("the caller is being transferred already")
        transfer = self._under_way[call.id] = Transfer(call, line, order)
        watching = asyncio.create_task(self._forget_after(call))
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)
        await transfer.suspend()
        document = dial(order, f"{base_url}/twilio/transfers/{call.id}")
        if not await carrier.redirect(str(line.provider_call_id), str(document)):
            self._under_way.pop(call.id, None)
            transfer.came_to_nothing("failed")
            transfer.resume()

    async def _forget_after(self, call: Call) -> None:
        await call.ended.wait()
        self._under_way.pop(call.id, None)


def dial(order: TransferOrder, base: str) -> VoiceResponse:
    """TwiML that rings the person. The caller hears ringing until they are connected.

    The docs promise that while the person hears the summary only with ``answerOnBridge``:
    https://www.twilio.com/docs/voice/twiml/number#url.
    """
    document = VoiceResponse()
    verb = document.dial(
        action=f"{base}/over", method="POST", timeout=RING_S, answer_on_bridge=True
    )
    whisper = {"url": f"{base}/whisper", "method": "POST"} if order.kind == "warm" else {}
    verb.number(
        order.to,
        status_callback=f"{base}/progress",
        status_callback_method="POST",
        status_callback_event="answered completed",
        **whisper,
    )
    return document
