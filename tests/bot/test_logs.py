"""The log: what people say is for debugging only, and secrets are for nobody."""

import logging

import pytest
from loguru import logger

from bot.event_log import log_event
from bot.logs import configure_logging
from processors.events import (
    AgentChanged,
    AgentTranscript,
    CallStarted,
    Problem,
    ToolCalled,
    ToolFinished,
    UserTranscript,
)

SAID = "my name is Ada Lovelace"
EVENTS = [
    CallStarted(team="travel", channel="phone", provider_call_id=SAID),
    UserTranscript(item_id="i", text=SAID, final=True),
    AgentTranscript(item_id="i", agent="a", text=SAID, final=True),
    AgentChanged(from_agent="a", to_agent="b", voice="v", reason=SAID, context=SAID),
    ToolCalled(tool_call_id="c", agent="a", tool="t", arguments={"name": SAID}),
    ToolFinished(tool_call_id="c", tool="t", output=SAID, is_error=False, duration_ms=1),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_what_people_say_is_in_the_log_at_debug_level_only(capsys, event):
    configure_logging("INFO")
    log_event(event)
    assert SAID not in capsys.readouterr().err
    configure_logging("DEBUG")
    log_event(event)
    assert SAID in capsys.readouterr().err


def test_lines_carry_the_call(capsys):
    configure_logging("INFO")
    log_event(CallStarted(call_id="call_7", team="travel", channel="phone"))
    assert "call_7" in capsys.readouterr().err


@pytest.mark.parametrize(("fatal", "level"), [(True, "ERROR"), (False, "WARNING")])
def test_problems_stand_out(capsys, fatal, level):
    configure_logging("INFO")
    log_event(Problem(source="tool", code="x", message="it broke", fatal=fatal))
    assert level in capsys.readouterr().err


def test_the_standard_librarys_log_comes_out_the_same_way(capsys):
    configure_logging("INFO")
    logging.getLogger("some.library").warning("look at %s", "this")
    logging.getLogger("httpx").info("chatter")
    err = capsys.readouterr().err
    assert "look at this" in err
    assert "chatter" not in err


def test_tracebacks_show_no_values(capsys):
    configure_logging("INFO")
    secret = SAID.upper()
    try:
        int(secret[:0])
    except ValueError:
        logger.exception("failed")
    assert secret not in capsys.readouterr().err
