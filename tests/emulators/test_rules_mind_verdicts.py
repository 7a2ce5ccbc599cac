"""Questions whose yes or no a tool notes, and what callers say for or against it later, in text."""

from typing import Any

import pytest

from processors.recording_consent import RECORD_CONSENT, record_consent_tool
from tests.emulators.phone_desk import DESKS, TOOLS, PhoneDesk

QUESTION = "May I record this call?"
GREETING = f'Say to the caller: "Thank you for calling. How can I help you? {QUESTION}"'


async def never(granted: bool) -> None:
    raise AssertionError(granted)


def consent(question: str | None, name: str) -> dict[str, Any]:
    """The tool of the service, by any name: what it is for is in its description."""
    tool = record_consent_tool(never, question=question)
    kind = {"type": "function", "name": name}
    return kind | {"description": tool.description, "parameters": tool.parameters}


def noted(arguments: Any) -> dict[str, str]:
    return {"summary": "It is on." if arguments["granted"] else "It is off."}


def desk(question: str | None = QUESTION, name: str = RECORD_CONSENT, **options: Any) -> PhoneDesk:
    desks = {each: [*tools, consent(question, name)] for each, tools in DESKS.items()}
    return PhoneDesk(desks=desks, tools={**TOOLS, name: noted}, **options)


@pytest.mark.parametrize(
    ("answer", "granted"),
    [
        *(("yes you may", True), ("yes", True), ("sure go ahead", True), ("of course", True)),
        *(("no", False), ("no thank you", False), ("please don't record this", False)),
    ],
)
@pytest.mark.parametrize("name", [RECORD_CONSENT, "note_answer"])
async def test_the_answer_to_the_question_is_noted(name, answer, granted):
    call = desk(name=name)
    await call.respond(instructions=GREETING)
    said = await call.hears(answer)
    assert call.calls == [(name, {"granted": granted})]
    assert said == f"It is {'on' if granted else 'off'}. How can I help you?"


async def test_an_answer_that_says_nothing_is_asked_again():
    call = desk()
    await call.respond(instructions=GREETING)
    assert (await call.hears("the weather is fine today")).endswith(QUESTION)
    assert call.calls == []


async def test_a_request_that_comes_with_the_answer_is_taken_up():
    call = desk()
    await call.respond(instructions=GREETING)
    said = await call.hears("yes and I need a hotel in Paris")
    assert [name for name, _ in call.calls] == [RECORD_CONSENT, "transfer_to_hotel_booking"]
    assert said.startswith("It is on. One moment")


async def test_a_caller_who_asks_for_something_instead_is_not_recorded():
    call = desk()
    await call.respond(instructions=GREETING)
    await call.hears("I need a hotel in Paris")
    assert [name for name, _ in call.calls] == ["transfer_to_hotel_booking"]


@pytest.mark.parametrize("question", [QUESTION, None])
async def test_stop_recording_interrupts_a_task_that_then_goes_on(question):
    call = desk(question, desk="hotel_booking")
    await call.hears("I need a hotel in Rome")
    said = await call.hears("stop recording")
    assert call.calls == [(RECORD_CONSENT, {"granted": False})]
    assert said == "It is off. What is the check-in date?"
    await call.hears("you may record this")
    assert call.calls[-1] == (RECORD_CONSENT, {"granted": True})
