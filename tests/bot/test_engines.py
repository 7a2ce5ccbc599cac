"""Engines: found by their name, and described."""

from pathlib import Path

import pytest

from bot.engines import engine_named, engine_names
from bot.engines.engine import Engine
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
