"""Settings: defaults that work without anything, and one clear line for each wrong value."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from bot.chat import OPENAI_URL, chat_for
from bot.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_works_without_any_setting():
    settings = Settings()
    assert settings.engine == "emulator"
    assert settings.port == 7860
    assert settings.team == "travel"


def test_a_key_selects_openai_and_a_url_is_used_as_it_is(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    assert Settings().engine == "openai"
    monkeypatch.setenv("OPENAI_REALTIME_URL", "ws://127.0.0.1:9/v1/realtime")
    assert Settings().engine == "custom"


def test_reads_dotenv_and_prefers_the_environment(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("PORT=8001\nMAX_CALLS=7\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("PORT", "8002")
    settings = Settings()
    assert (settings.port, settings.max_calls) == (8002, 7)


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("PUBLIC_URL", "")
    assert Settings().engine == "emulator"
    assert Settings().public_url is None


def test_lists_and_levels_take_the_forms_that_people_write(monkeypatch):
    monkeypatch.setenv("ICE_SERVERS", "stun:stun.example.com:3478, turn:turn.example.com")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("PUBLIC_URL", "https://calls.example.com/")
    settings = Settings()
    assert settings.ice_servers == ("stun:stun.example.com:3478", "turn:turn.example.com")
    assert settings.log_level == "DEBUG"
    assert settings.public_url == "https://calls.example.com"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "http", "a valid integer"),
        ("PORT", "70000", "65535"),
        ("TEAM", "nobody", "the name of a team: no team 'nobody'; there is "),
        ("PUBLIC_URL", "calls.example.com", "https://example.com"),
        ("OPENAI_REALTIME_URL", "https://example.com", "wss://example.com"),
        ("TWILIO_ACCOUNT_SID", "me", "AC and 32 hexadecimal digits"),
        ("TWILIO_PHONE_NUMBER", "555 0100", "+14155550100"),
        ("TWILIO_ENABLED", "maybe", "a valid boolean"),
        ("DATABASE_URL", "mysql://h/d", "postgresql://user:password@host/database"),
        ("MAX_CALLS", "0", "greater than or equal to 1"),
        ("VAD_THRESHOLD", "2", "less than or equal to 1"),
        ("VAD_TYPE", "none", "'server_vad' or 'semantic_vad'"),
        ("LOG_LEVEL", "loud", "'INFO'"),
        ("ICE_SERVERS", "stun.example.com", "STUN or TURN"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it_and_what_it_should_be(
    monkeypatch, capsys, name, value, expected
):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        read_settings()
    assert end.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"{name} should be ")
    assert expected in lines[0]


def test_every_wrong_setting_is_named_at_once(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("MAX_CALLS", "x")
    with pytest.raises(SystemExit):
        read_settings()
    assert {line.split()[0] for line in capsys.readouterr().err.splitlines()} == {
        "PORT",
        "MAX_CALLS",
    }


def test_secrets_show_neither_in_errors_nor_in_the_settings_text(monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("DATABASE_URL", "mysql://user:very-secret@host/db")
    with pytest.raises(SystemExit):
        read_settings()
    assert "very-secret" not in capsys.readouterr().err
    monkeypatch.delenv("DATABASE_URL")
    assert "very-secret" not in repr(Settings())


def test_settings_do_not_change_while_the_service_runs():
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_the_command_ends_with_code_2_and_no_traceback(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "bot.run"],
        env={"PATH": "", "PORT": "http", "PYTHONPATH": ":".join(p for p in sys.path if p)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "PORT should be a valid integer, unable to parse string as an integer (it is 'http')"
    ]


def test_a_transfer_needs_a_number_to_transfer_to(monkeypatch):
    monkeypatch.setenv("WHEN_UNAVAILABLE", "transfer")
    with pytest.raises(ValidationError, match="TRANSFER_NUMBER"):
        Settings()
    monkeypatch.setenv("TRANSFER_NUMBER", "+15555550123")
    assert Settings().when_unavailable == "transfer"


@pytest.mark.parametrize(
    ("chosen", "url", "key"),
    [
        ({"openai_api_key": "sk-x"}, OPENAI_URL, "sk-x"),
        (
            {"openai_api_key": "sk-x", "openai_chat_key": "sk-y"},
            OPENAI_URL,
            "sk-y",
        ),
        ({}, "http://emulator/v1", "none"),
        ({"openai_chat_url": "http://own/v1", "openai_api_key": "sk-x"}, "http://own/v1", ""),
        ({"openai_chat_url": "http://own/v1", "openai_chat_key": "k"}, "http://own/v1", "k"),
    ],
)
def test_the_chat_is_where_it_is_said_to_be_and_gets_no_others_key(chosen, url, key):
    endpoint = chat_for(Settings(**chosen), "http://emulator/v1")
    assert endpoint is not None
    assert (endpoint.url, endpoint.api_key) == (url, key)


def test_a_realtime_server_of_ones_own_brings_no_chat():
    chosen = Settings(openai_realtime_url="ws://own/v1/realtime", openai_api_key="x")
    assert chat_for(chosen) is None
