"""Engines: found by their name, and described."""

from pathlib import Path

import pytest

from bot.engines import engine_named, engine_names
from bot.engines.engine import Engine
from bot.engines.live import OPENAI_LIVE_URL, writers_for
from bot.engines.realtime import OPENAI_REALTIME_URL
from bot.serve import child_specs
from bot.settings import Settings, read_settings

DOCS = Path("docs/engines.md").read_text()


@pytest.mark.parametrize("name", engine_names())
def test_every_module_is_an_engine_that_the_documentation_names(name):
    assert issubclass(engine_named(name), Engine)
    assert f"| `{name}` |" in DOCS


def test_calls_are_held_by_the_realtime_api_unless_told_otherwise():
    assert Settings(_env_file=None).voice_engine == "realtime"


def test_an_unknown_engine_is_refused_with_those_that_there_are(capsys):
    with pytest.raises(SystemExit):
        read_settings(_env_file=None, voice_engine="steam")
    assert "VOICE_ENGINE should be one of" in capsys.readouterr().err


KEY = {"openai_api_key": "sk-openai"}
OWN_LIVE = {"openai_live_url": "wss://live.example/v1/live/sessions"}
OWN_REALTIME = {"openai_realtime_url": "wss://own.example/v1/realtime"}
EMULATED = "ws://127.0.0.1:9/v1/realtime"


@pytest.mark.parametrize(
    ("given", "emulator_url", "where"),
    [
        (KEY, None, [OPENAI_REALTIME_URL]),
        (KEY | OWN_REALTIME, None, ["wss://own.example/v1/realtime"]),
        ({}, EMULATED, [EMULATED]),
        (OWN_LIVE | KEY, None, []),
        (OWN_LIVE | {"openai_realtime_fallbacks": f"second={EMULATED}"}, None, [EMULATED]),
    ],
)
def test_gpt_live_has_operators_written_down_where_there_are_realtime_sessions(
    given, emulator_url, where
):
    settings = Settings(_env_file=None, voice_engine="live", **given)
    assert [endpoint.url for endpoint in writers_for(settings, emulator_url)] == where
    assert OPENAI_LIVE_URL not in where


@pytest.mark.parametrize(
    ("given", "emulators"),
    [
        ({}, ["emulators.realtime"]),
        ({"voice_engine": "live"}, ["emulators.live", "emulators.realtime"]),
        ({"voice_engine": "live", **OWN_REALTIME}, ["emulators.live"]),
        ({"voice_engine": "live", **KEY}, []),
    ],
)
def test_what_an_engine_needs_offline_is_started_with_the_service(given, emulators):
    specs = child_specs(Settings(_env_file=None, **given), [])
    modules = [spec.module for spec in specs if spec.module != "emulators.chat"]
    assert modules == emulators
