"""Who somebody is, codes of letters and digits, and lists in pages, in text."""

import pytest

from emulators.realtime.minds.understanding.numbers import find_codes
from emulators.realtime.minds.understanding.words import tokenize
from tests.emulators.phone_desk import CHANGES, PhoneDesk, function

NUMBER = {"type": "string", "pattern": "^[0-9]{6}$", "description": "The six-digit member number"}
SECRET = {
    "type": "string",
    "pattern": "^[0-9]{4}$",
    "format": "password",
    "description": "The four-digit phone code",
}
CODE = {
    "type": "string",
    "pattern": "^[A-Z]{3,10}[0-9]{4}$",
    "description": "The voucher code, a word and four digits",
}
PAGE = {"type": "string", "description": "The next_page of the page before"}
WHO = {"member_number": NUMBER, "phone_code": SECRET}
BALANCE = function("get-balance", "Say how much is on a savings account.", WHO)
ENTRIES = function(
    "list-entries", "Say what came to an account and left it.", {**WHO, "page": PAGE}, "page"
)
REDEEM = function("redeem-voucher", f"Redeem a voucher.{CHANGES}", {**WHO, "voucher_code": CODE})
RIGHT = {"member_number": "204816", "phone_code": "4159"}


def balance(arguments):
    if arguments == RIGHT:
        return {"summary": "You have ten dollars."}
    return {"error": "That member number and phone code don't go together."}


def entries(arguments):
    if "page" in arguments:
        return {"summary": "The first one.", "next_page": None}
    return {"summary": "The last one. Shall I go on?", "next_page": "7"}


@pytest.fixture
def call() -> PhoneDesk:
    return PhoneDesk(
        desk="members",
        desks={"members": [BALANCE, ENTRIES, REDEEM]},
        tools={"get-balance": balance, "list-entries": entries},
    )


async def test_who_somebody_is_is_asked_once_and_the_secret_is_never_said(call):
    assert await call.hears("what is my balance") == "What is the six-digit member number?"
    assert "phone code" in await call.hears("(pressed on the keypad) 2 0 4 8 1 6")
    assert "ten dollars" in await call.hears("four one five nine")
    said = await call.hears("redeem the voucher maple four eight two one")
    assert "member number 2 0 4 8 1 6, voucher code maple 4 8 2 1. Shall I" in said
    assert "4 1 5 9" not in said
    await call.hears("yes")
    assert call.calls[-1] == ("redeem-voucher", {**RIGHT, "voucher_code": "MAPLE4821"})


async def test_what_does_not_go_together_is_asked_for_together(call):
    await call.hears("what is my balance")
    await call.hears("two zero four eight one six")
    said = await call.hears("four one five eight")
    assert said.endswith("What is the six-digit member number?")
    assert "phone code" in await call.hears("two zero four eight one six")
    assert "ten dollars" in await call.hears("four one five nine")


async def test_a_number_that_is_too_short_is_not_tried(call):
    await call.hears("what is my balance")
    assert "has to have 6 digits" in await call.hears("two zero four eight one")
    assert call.calls == []


async def test_a_list_goes_on_when_the_caller_wants_more(call):
    await call.hears("what came to my account")
    await call.hears("two zero four eight one six")
    assert (await call.hears("four one five nine")).endswith("Shall I go on?")
    assert "The first one." in await call.hears("yes please")
    assert call.calls[-1] == ("list-entries", {**RIGHT, "page": "7"})


async def test_a_list_ends_when_the_caller_has_heard_enough(call):
    await call.hears("what came to my account")
    await call.hears("two zero four eight one six")
    await call.hears("four one five nine")
    assert "anything else" in await call.hears("no")
    assert len(call.calls) == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("maple four eight two one", "MAPLE4821"),
        ("the code is river 73 05 please", "RIVER7305"),
        ("it is m a p l e double four two one", "MAPLE4421"),
        ("maple four eight two", None),
        ("four eight two one", None),
        ("the voucher code is four eight two one", None),
    ],
)
def test_a_word_and_digits_make_a_code(said, code):
    found = find_codes(tokenize(said), CODE["pattern"], {"voucher", "code", "is", "the"})
    assert [each for each, _, _ in found] == ([code] if code else [])
