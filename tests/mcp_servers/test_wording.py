"""Values as a voice says them."""

from datetime import date, time

import pytest

from mcp_servers import wording


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (wording.money(1), "one dollar"),
        (wording.money(120), "one hundred and twenty dollars"),
        (wording.count(-4, "degree"), "minus four degrees"),
        (wording.weekday(date(2027, 6, 3)), "Thursday, June third"),
        (wording.day(date(2027, 6, 21)), "June twenty-first"),
        (wording.clock(time(8, 5)), "eight oh five in the morning"),
        (wording.clock(time(12, 0)), "twelve o'clock in the afternoon"),
        (wording.clock(time(0, 30)), "twelve thirty in the morning"),
        (wording.clock(time(19, 45)), "seven forty-five in the evening"),
        (wording.digits("471932"), "4 7 1 9 3 2"),
        (wording.either([]), ""),
        (wording.either(["Rome"]), "Rome"),
        (wording.either(["Rome", "Oslo", "Paris"]), "Rome, Oslo or Paris"),
        (wording.choices(["one thing"]), "one thing."),
        (wording.choices(["a", "b"]), "First, a. Second, b."),
    ],
)
def test_it_is_said_as_people_say_it(said, expected):
    assert said == expected
