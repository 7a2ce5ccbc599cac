"""The parameters of REST requests, read strictly.

A parameter that this carrier does not carry out is refused rather than ignored.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from emulators.twilio.call_flow import Source
from emulators.twilio.callbacks import EVENT_NAMES
from emulators.twilio.machine_detection import DetectionOptions
from emulators.twilio.notes import CarrierError
from emulators.twilio.outbound import CallOptions
from emulators.twilio.rest_errors import RestError, invalid
from emulators.twilio.twiml import Method
from emulators.twilio.twiml_parser import parse

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")

# Twilio's test numbers: https://www.twilio.com/docs/iam/test-credentials#test-calls.
_MAGIC_TO = {
    "+15005550001": (21211, "The phone number you are attempting to call, {}, is not valid."),
    "+15005550002": (21214, "The phone number you are attempting to call, {}, cannot be reached."),
    "+15005550003": (21215, "Account not authorized to call {}."),
    "+15005550004": (21216, "Account not allowed to call {}."),
}
_MAGIC_FROM = "+15005550001"


class Form:
    """A request's parameters, taken one by one."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._left = {name: list(given) for name, given in values.items()}

    def text(self, name: str) -> str | None:
        """The last value of a parameter; ``None`` where it is missing or empty."""
        given = self._left.pop(name, None)
        return given[-1] if given and given[-1] else None

    def texts(self, name: str) -> tuple[str, ...]:
        """All values; one may hold several, separated by spaces."""
        return tuple(part for value in self._left.pop(name, []) for part in value.split())

    def method(self, name: str) -> Method:
        """GET or POST, POST by default."""
        value = (self.text(name) or "POST").upper()
        if value == "GET":
            return "GET"
        if value == "POST":
            return "POST"
        raise invalid(name, value, "GET or POST")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = self.text(name)
        if value is None:
            return default
        if not value.isdigit() or not low <= int(value) <= high:
            raise invalid(name, value, f"a number from {low} to {high}")
        return int(value)

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        """One of ``allowed``."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise invalid(name, value, " or ".join(allowed))
        return value

    def url(self, name: str, code: int = 21205) -> str | None:
        """An absolute HTTP URL."""
        value = self.text(name)
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise RestError(400, code, f"{name} is not a valid URL: {value}")
        return value

    def done(self) -> None:
        """Refuses what is left."""
        if self._left:
            name = min(self._left)
            raise RestError(400, 20001, f"The parameter {name} is not carried out here")


def read_source(form: Form, *, required: bool) -> Source | None:
    """The TwiML of ``Url`` or ``Twiml``, which exclude each other."""
    url, document = form.url("Url"), form.text("Twiml")
    method = form.method("Method")
    fallback_url, fallback_method = form.url("FallbackUrl"), form.method("FallbackMethod")
    fallback = Source(url=fallback_url, method=fallback_method) if fallback_url else None
    if url and document:
        raise RestError(400, 21205, "Url and Twiml are mutually exclusive")
    if document:
        try:
            parse(document)
        except CarrierError as error:
            raise RestError(400, int(error.code), f"Twiml is not valid: {error}") from error
        return Source(document=document, fallback=fallback)
    if url:
        return Source(url=url, method=method, fallback=fallback)
    if required:
        raise RestError(400, 21205, "Url parameter is required.")
    return None


def read_call(form: Form) -> CallOptions:
    """The parameters that create a call. Raises `RestError`."""
    to, from_ = _to(form.text("To")), _from(form.text("From"))
    source = read_source(form, required=True)
    events = form.texts("StatusCallbackEvent")
    if unknown := set(events) - EVENT_NAMES:
        raise RestError(400, 21626, f"StatusCallbackEvents {min(unknown)} is invalid")
    detection = _detection(form)
    # The one thing that a recording-less carrier can be told about recording.
    form.choice("Record", ("false",))
    form.text("CallReason")
    options = CallOptions(
        to=to,
        from_=from_,
        source=source or Source(),
        timeout_s=form.number("Timeout", 60, 5, 600),
        time_limit_s=form.number("TimeLimit", 14_400, 1, 86_400),
        send_digits=_digits(form.text("SendDigits") or ""),
        status_callback=form.url("StatusCallback", 21609),
        status_callback_method=form.method("StatusCallbackMethod"),
        status_callback_events=events,
        detection=detection,
        async_amd=form.choice("AsyncAmd", ("true", "false")) == "true",
        amd_callback=form.url("AsyncAmdStatusCallback"),
        amd_callback_method=form.method("AsyncAmdStatusCallbackMethod"),
    )
    form.done()
    return options


def _to(number: str | None) -> str:
    if number is None:
        raise RestError(400, 21201, "No 'To' number is specified")
    code, message = _MAGIC_TO.get(number, (0, ""))
    if not _NUMBER.fullmatch(number):
        code, message = _MAGIC_TO["+15005550001"]
    if code:
        raise RestError(400, code, message.format(number))
    return number


def _from(number: str | None) -> str:
    if number is None:
        raise RestError(400, 21213, "No 'From' number is specified")
    if number == _MAGIC_FROM or not _NUMBER.fullmatch(number):
        raise RestError(400, 21212, f"The 'From' number {number} is not a valid phone number.")
    return number


def _digits(keys: str) -> str:
    if set(keys) - set("0123456789*#wW"):
        raise invalid("SendDigits", keys, "made of 0-9, *, #, w and W")
    return keys


def _detection(form: Form) -> DetectionOptions | None:
    mode = form.choice("MachineDetection", ("Enable", "DetectMessageEnd"))
    options = DetectionOptions(
        mode="DetectMessageEnd" if mode == "DetectMessageEnd" else "Enable",
        timeout_s=form.number("MachineDetectionTimeout", 30, 3, 59),
        speech_threshold_ms=form.number("MachineDetectionSpeechThreshold", 2400, 1000, 6000),
        speech_end_threshold_ms=form.number("MachineDetectionSpeechEndThreshold", 1200, 500, 5000),
        silence_timeout_ms=form.number("MachineDetectionSilenceTimeout", 5000, 2000, 10_000),
    )
    return options if mode else None
