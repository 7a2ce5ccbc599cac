"""The log: what people say is for debugging only, and secrets are for nobody."""

import json
import logging
import re
from typing import get_args

import pytest
from loguru import logger

from bot.event_log import PERSONAL, STAMPS, log_event
from bot.logs import configure_logging
from bot.settings import Settings
from processors.events import CallEvent
from processors.events.calls import CallStarted, Problem
from processors.events.conversation import AgentChanged, AgentTranscript, UserTranscript
from processors.events.outcome import CallSummarised
from processors.events.tools import ToolCalled, ToolFinished

SAID = "my name is Ada Lovelace"
EVENTS = [
    CallStarted(team="travel", channel="phone", provider_call_id=SAID),
    UserTranscript(item_id="i", text=SAID, final=True),
    AgentTranscript(item_id="i", agent="a", text=SAID, final=True),
    AgentChanged(from_agent="a", to_agent="b", voice="v", reason=SAID, context=SAID),
    ToolCalled(tool_call_id="c", agent="a", tool="t", arguments={"name": SAID}),
    ToolFinished(tool_call_id="c", tool="t", output=SAID, is_error=False, duration_ms=1),
    CallSummarised(summary=SAID, intent=SAID, outcome="resolved", data={"name": SAID}, model="m"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_what_people_say_is_in_the_log_at_debug_level_only(capsys, event):
    configure_logging("INFO", log_format="console")
    log_event(event)
    assert SAID not in capsys.readouterr().err
    configure_logging("DEBUG", log_format="console")
    log_event(event)
    assert SAID in capsys.readouterr().err


PLAIN = {
    *(
        "team",
        "task",
        "agent",
        "from_agent",
        "to_agent",
        "voice",
        "tool",
        "model",
        "by",
        "guardrail",
    ),
    *("item_id", "tool_call_id", "approval_id", "elicitation_id", "response_id", "endpoint"),
    *("code", "message", "detail", "file", "sha256", "by_kind", "unpriced"),
}
"""Text in events that is ours, the carrier's or a library's, by the field's name."""


@pytest.mark.parametrize("event", get_args(get_args(CallEvent)[0]), ids=lambda it: it.__name__)
def test_of_every_text_in_an_event_it_is_known_whether_it_is_personal(event):
    kind = event.model_fields["type"].default
    fields = event.model_fields.items()
    free = {
        name for name, it in fields if re.search(r"\b(str|dict|list|Any)\b", str(it.annotation))
    }
    unnamed = {name for name in free if "Literal" not in str(event.model_fields[name].annotation)}
    assert unnamed - STAMPS - PLAIN <= set(PERSONAL.get(kind, ()))


def test_lines_carry_the_call(capsys):
    configure_logging("INFO", log_format="console")
    log_event(CallStarted(call_id="call_7", team="travel", channel="phone"))
    assert "call_7" in capsys.readouterr().err


@pytest.mark.parametrize(("fatal", "level"), [(True, "ERROR"), (False, "WARNING")])
def test_problems_stand_out(capsys, fatal, level):
    configure_logging("INFO", log_format="console")
    log_event(Problem(source="tool", code="x", message="it broke", fatal=fatal))
    assert level in capsys.readouterr().err


def test_the_standard_librarys_log_comes_out_the_same_way(capsys):
    configure_logging("INFO", log_format="console")
    logging.getLogger("some.library").warning("look at %s", "this")
    logging.getLogger("httpx").info("chatter")
    err = capsys.readouterr().err
    assert "look at this" in err
    assert "chatter" not in err


def test_tracebacks_show_no_values(capsys):
    configure_logging("INFO", log_format="console")
    secret = SAID.upper()
    try:
        int(secret[:0])
    except ValueError:
        logger.exception("failed")
    assert secret not in capsys.readouterr().err


SECRET = "correct horse battery staple"
NUMBER = "+14155550123"


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_no_secret_and_no_number_is_in_a_line_or_in_its_traceback(capsys, log_format):
    configure_logging("DEBUG", log_format=log_format, secrets=[SECRET])
    logger.bind(child=NUMBER).info("{} called with {}", NUMBER, SECRET)
    logging.getLogger("uvicorn.error").error("from %s with %s", NUMBER, SECRET)
    try:
        int(f"{NUMBER} {SECRET}")
    except ValueError:
        logger.exception("it failed")
        logging.getLogger("some.library").exception("it failed there")
    err = capsys.readouterr().err
    assert err.count("ValueError") >= 2
    assert "+1…23" in err
    assert SECRET not in err
    assert NUMBER not in err


def test_json_lines_are_one_object_each_with_the_call_on_it(capsys):
    configure_logging("INFO", log_format="json")
    logger.info("two\nlines")
    log_event(CallStarted(call_id="call_7", team="travel", channel="phone"))
    logging.getLogger("uvicorn.error").warning("from the server")
    with logger.contextualize(call_id="call_8"):
        logging.getLogger("some.library").warning("within a call")
        try:
            {}["x"]
        except KeyError:
            logger.exception("it failed")
    written = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    # What earlier tests of this process left behind may have something to say as well.
    ours = ["two\nlines", "call.started", "from the server", "within a call", "it failed"]
    lines = [next(line for line in written if line["message"].startswith(it)) for it in ours]
    assert [line["call_id"] for line in lines] == ["-", "call_7", "-", "call_8", "call_8"]
    assert lines[0]["message"] == "two\nlines"
    assert "KeyError" in lines[4]["exception"]
    assert all({"time", "level", "logger"} <= set(line) for line in lines)


@pytest.mark.parametrize(("terminal", "is_json"), [(True, False), (False, True)])
def test_people_get_lines_and_machines_objects(capsys, monkeypatch, terminal, is_json):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    configure_logging("INFO")
    logger.info("hello")
    assert capsys.readouterr().err.startswith("{") is is_json


def test_every_secret_setting_is_kept_out():
    values = {
        "openai_api_key": "sk-one-one",
        "twilio_auth_token": "two-two-two",
        "secret_key": "three" * 8,
        "openai_realtime_fallbacks": "eu=wss://eu.example.com/v1/realtime",
        "openai_realtime_fallback_keys": "eu=four-four",
        "redis_url": "redis://user:five-five@127.0.0.1:6379/0",
        "database_url": "postgresql://user:six-six@127.0.0.1/db",
    }
    found = Settings(_env_file=None, **values).secrets()
    assert sorted(found) == sorted(
        ["sk-one-one", "three" * 8, "two-two-two", "four-four", "six-six", "five-five"]
    )
