"""Status callbacks: told in order, in the background, so that they never hold up a call."""

import asyncio
import email.utils
import math
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from emulators.twilio.calls import Call, CallStatus
from emulators.twilio.notes import CarrierError, Note
from emulators.twilio.twiml import Method, Stream
from emulators.twilio.webhooks import Webhooks

EVENTS = {
    CallStatus.INITIATED: "initiated",
    CallStatus.RINGING: "ringing",
    CallStatus.IN_PROGRESS: "answered",
}
"""The event of a status; every final status is ``completed``."""

EVENT_NAMES = frozenset({*EVENTS.values(), "completed"})

_SIP_CODES = {
    CallStatus.COMPLETED: "200",
    CallStatus.BUSY: "486",
    CallStatus.NO_ANSWER: "487",
    CallStatus.CANCELED: "487",
    CallStatus.FAILED: "404",
}


class CallbackQueue:
    """One call's callbacks, sent one after the other. A failed one becomes a note of the call."""

    def __init__(self, webhooks: Webhooks, note: Callable[[Note], None]) -> None:
        self._webhooks = webhooks
        self._note = note
        self._queue: asyncio.Queue[tuple[str, Mapping[str, str], Method] | None] = asyncio.Queue()
        self._sending = asyncio.create_task(self._send())

    def put(self, url: str, form: Mapping[str, str], method: Method) -> None:
        """Sends ``form`` to ``url`` when all before it have been answered."""
        self._queue.put_nowait((url, form, method))

    async def close(self) -> None:
        """Returns when everything has been sent."""
        self._queue.put_nowait(None)
        await self._sending

    async def _send(self) -> None:
        while entry := await self._queue.get():
            try:
                await self._webhooks.request(*entry)
            except CarrierError as error:
                self._note(error.note)


class StatusReporter:
    """Reports a call's progress to its ``StatusCallback``.

    https://www.twilio.com/docs/voice/api/call-resource#statuscallback. Subscribing to ``completed``
    means every way to end; it is the only event where none are named.
    """

    def __init__(
        self, queue: CallbackQueue, url: str, method: Method, events: Collection[str]
    ) -> None:
        self._queue = queue
        self._url = url
        self._method = method
        self._events = frozenset(events) or {"completed"}
        self._sequence = 0

    def report(self, call: Call) -> None:
        """Tells of the status that the call has now, if it is subscribed to."""
        event = "completed" if call.status.is_final else EVENTS.get(call.status)
        if event not in self._events:
            return
        form = call.parameters() | {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
            "Timestamp": email.utils.format_datetime(datetime.now(UTC)),
        }
        if call.status.is_final:
            seconds = call.duration_s or 0
            form |= {
                "CallDuration": str(seconds),
                "Duration": str(math.ceil(seconds / 60)),
                "SipResponseCode": _SIP_CODES[call.status],
            }
        self._sequence += 1
        self._queue.put(self._url, form, self._method)


def report_stream(
    queue: CallbackQueue, call: Call, stream: Stream, sid: str, event: str, error: str = ""
) -> None:
    """Tells a stream's ``statusCallback`` of ``stream-started``, ``-stopped`` or ``-error``."""
    if not stream.status_callback or not urlsplit(stream.status_callback).scheme:
        return
    form = {
        "AccountSid": call.account_sid,
        "CallSid": call.sid,
        "StreamSid": sid,
        "StreamName": stream.name or sid,
        "StreamEvent": event,
        "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    if error:
        form["StreamError"] = error
    queue.put(stream.status_callback, form, stream.status_callback_method)
