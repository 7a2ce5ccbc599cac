"""Reads TwiML, strictly.

A verb, noun or attribute that this carrier does not know is an error rather than ignored: a call
that needs it would behave differently on the line.
"""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from emulators.twilio.notes import CarrierError, Code
from emulators.twilio.twiml import (
    Connect,
    Dial,
    Gather,
    Hangup,
    Method,
    Number,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
    Stream,
    Verb,
)

_MOST_NUMBERS = 10
_LONGEST_PARAMETER = 500
"""Characters of a ``<Parameter>``'s name and value together, exclusive."""


def parse(document: str) -> tuple[Verb, ...]:
    """The verbs of a TwiML document.

    Raises:
        CarrierError: The document is not XML (12100), or not TwiML as known here (12200, 31941).
    """
    if "<!DOCTYPE" in document:
        raise CarrierError(Code.DOCUMENT_PARSE, "TwiML must not have a DOCTYPE")
    try:
        # Without a DOCTYPE there are none to expand.
        root = ElementTree.fromstring(document.encode())  # noqa: S314 - no entities
    except ElementTree.ParseError as error:
        raise CarrierError(Code.DOCUMENT_PARSE, f"TwiML is not well-formed XML: {error}") from None
    if root.tag != "Response":
        raise CarrierError(Code.DOCUMENT_PARSE, f"TwiML starts with <Response>, not <{root.tag}>")
    _Attributes(root).done()
    _no_text(root)
    verbs = tuple(_verb(element) for element in root)
    if any(isinstance(verb, Reject) for verb in verbs[1:]):
        raise CarrierError(Code.SCHEMA, "<Reject> can only be the first verb")
    return verbs


class _Attributes:
    """An element's attributes, taken one by one; what is left over is an error."""

    def __init__(self, element: Element) -> None:
        self._element = element
        self._left = dict(element.attrib)

    def text(self, name: str) -> str | None:
        return self._left.pop(name, None)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise self._error(f"needs the attribute {name}")
        return value

    def method(self, name: str = "method") -> Method:
        value = (self.text(name) or "POST").upper()
        if value == "GET":
            return "GET"
        if value == "POST":
            return "POST"
        raise self._error(f"has {name}={value!r}; it is GET or POST")

    def flag(self, name: str) -> bool:
        value = self.text(name) or "false"
        if value not in ("true", "false"):
            raise self._error(f"has {name}={value!r}; it is true or false")
        return value == "true"

    def number(self, name: str, default: int, *, low: int = 0, high: int = 86_400) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not value.isdigit() or not low <= int(value) <= high:
            raise self._error(f"has {name}={value!r}; it is a number from {low} to {high}")
        return int(value)

    def done(self, *unused: str) -> None:
        """Fails if anything is left but ``unused``, which have no effect here."""
        for name in unused:
            self._left.pop(name, None)
        if self._left:
            raise self._error(f"has an unknown attribute {next(iter(self._left))!r}")

    def _error(self, what: str) -> CarrierError:
        return CarrierError(Code.SCHEMA, f"<{self._element.tag}> {what}")


def _no_text(element: Element) -> None:
    strays = (element.text, *(child.tail for child in element))
    if any(text and text.strip() for text in strays):
        raise CarrierError(Code.SCHEMA, f"<{element.tag}> must not contain text")


def _text(element: Element) -> str:
    if len(element):
        raise CarrierError(Code.SCHEMA, f"<{element.tag}> must contain text only")
    return " ".join((element.text or "").split())


def _verb(element: Element) -> Verb:
    attributes = _Attributes(element)
    verb = _verb_body(element, attributes)
    attributes.done()
    return verb


def _verb_body(element: Element, attributes: _Attributes) -> Verb:
    match element.tag:
        case "Say":
            loop = attributes.number("loop", 1)
            attributes.done("voice", "language")
            return Say(_text(element), loop)
        case "Play":
            return _play(element, attributes)
        case "Pause":
            return Pause(attributes.number("length", 1))
        case "Hangup":
            return Hangup()
        case "Redirect":
            return Redirect(_text(element), attributes.method())
        case "Reject":
            reason = attributes.text("reason") or "rejected"
            if reason not in ("rejected", "busy"):
                raise CarrierError(Code.SCHEMA, f"<Reject> has reason={reason!r}")
            return Reject("busy" if reason == "busy" else "rejected")
        case "Connect":
            return _connect(element, attributes)
        case "Dial":
            return _dial(element, attributes)
        case "Gather":
            return _gather(element, attributes)
        case tag:
            raise CarrierError(Code.SCHEMA, f"<{tag}> is no verb that this carrier carries out")


def _play(element: Element, attributes: _Attributes) -> Play:
    digits = attributes.text("digits") or ""
    url = _text(element)
    if bool(url) == bool(digits):
        raise CarrierError(Code.SCHEMA, "<Play> needs either a URL or the attribute digits")
    if set(digits) - set("0123456789*#wW"):
        raise CarrierError(Code.SCHEMA, f"<Play> has digits={digits!r}; they are 0-9, *, # and w")
    return Play(url or None, digits, attributes.number("loop", 1))


def _connect(element: Element, attributes: _Attributes) -> Connect:
    _no_text(element)
    if [child.tag for child in element] != ["Stream"]:
        raise CarrierError(Code.SCHEMA, "<Connect> needs exactly one noun, <Stream>")
    return Connect(_stream(element[0]), attributes.text("action"), attributes.method())


def _stream(element: Element) -> Stream:
    attributes = _Attributes(element)
    track = attributes.text("track") or "inbound_track"
    if track != "inbound_track":
        raise CarrierError(
            Code.STREAM_TRACK, f"<Connect><Stream> has track={track!r}; it is inbound_track"
        )
    stream = Stream(
        url=attributes.required("url"),
        name=attributes.text("name") or "",
        parameters=dict(map(_parameter, element)),
        status_callback=attributes.text("statusCallback"),
        status_callback_method=attributes.method("statusCallbackMethod"),
    )
    attributes.done()
    _no_text(element)
    return stream


def _parameter(element: Element) -> tuple[str, str]:
    if element.tag != "Parameter":
        raise CarrierError(Code.SCHEMA, f"<Stream> must not contain <{element.tag}>")
    attributes = _Attributes(element)
    name, value = attributes.required("name"), attributes.text("value") or ""
    attributes.done()
    if len(name) + len(value) >= _LONGEST_PARAMETER:
        raise CarrierError(
            Code.SCHEMA,
            f"<Parameter> {name!r} is {len(name) + len(value)} characters long with its value; "
            f"together they must stay under {_LONGEST_PARAMETER}",
        )
    return name, value


def _dial(element: Element, attributes: _Attributes) -> Dial:
    numbers = [_number(child) for child in element]
    text = " ".join((element.text or "").split())
    if bool(numbers) == bool(text) or len(numbers) > _MOST_NUMBERS:
        raise CarrierError(
            Code.SCHEMA, f"<Dial> needs either a number or 1 to {_MOST_NUMBERS} <Number> nouns"
        )
    return Dial(
        numbers=tuple(numbers) or (Number(text),),
        action=attributes.text("action"),
        method=attributes.method(),
        timeout=attributes.number("timeout", 30, low=5, high=600),
        time_limit=attributes.number("timeLimit", 14_400, low=1),
        caller_id=attributes.text("callerId"),
        answer_on_bridge=attributes.flag("answerOnBridge"),
    )


def _number(element: Element) -> Number:
    if element.tag != "Number":
        raise CarrierError(Code.SCHEMA, f"<Dial> to a <{element.tag}> is not carried out here")
    attributes = _Attributes(element)
    number = Number(
        _text(element),
        url=attributes.text("url"),
        method=attributes.method(),
        status_callback=attributes.text("statusCallback"),
        status_callback_method=attributes.method("statusCallbackMethod"),
        status_callback_events=tuple((attributes.text("statusCallbackEvent") or "").split()),
    )
    attributes.done()
    return number


def _gather(element: Element, attributes: _Attributes) -> Gather:
    kinds = attributes.text("input") or "dtmf"
    if kinds != "dtmf":
        raise CarrierError(Code.SCHEMA, f"<Gather> has input={kinds!r}; here it is dtmf only")
    _no_text(element)
    prompts = []
    for child in element:
        prompt = _verb(child)
        if not isinstance(prompt, Say | Play | Pause):
            raise CarrierError(Code.SCHEMA, f"<Gather> must not contain <{child.tag}>")
        prompts.append(prompt)
    finish = attributes.text("finishOnKey")
    digits = attributes.number("numDigits", 0, low=1)
    empty = (attributes.text("actionOnEmptyResult") or "false").lower()
    return Gather(
        prompts=tuple(prompts),
        action=attributes.text("action"),
        method=attributes.method(),
        timeout=attributes.number("timeout", 5),
        finish_on_key="#" if finish is None else finish,
        num_digits=digits or None,
        action_on_empty_result=empty == "true",
    )
