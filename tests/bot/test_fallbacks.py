"""Fallbacks for the model: how they are written, and whom they give which key."""

import pytest

from bot.engines.realtime import fallbacks_for
from bot.settings import Settings, read_settings
from bot.switchboard import endpoint_for

AZURE = "wss://me.openai.azure.com/openai/v1/realtime?model=mine"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def fallbacks(monkeypatch, value, keys=""):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
    monkeypatch.setenv("OPENAI_REALTIME_FALLBACKS", value)
    monkeypatch.setenv("OPENAI_REALTIME_FALLBACK_KEYS", keys)
    return fallbacks_for(Settings())


def test_there_are_none_by_default():
    assert fallbacks_for(Settings()) == []


def test_they_keep_their_order_and_get_a_name(monkeypatch):
    found = fallbacks(monkeypatch, f"wss://eu.api.openai.com/v1/realtime, azure={AZURE}")
    assert [endpoint.name for endpoint in found] == ["eu.api.openai.com", "azure"]
    assert found[0].connect_url == "wss://eu.api.openai.com/v1/realtime?model=gpt-realtime-2.1"
    assert found[1].connect_url == AZURE


def test_the_key_for_openai_goes_only_to_openai(monkeypatch):
    urls = ("wss://eu.api.openai.com/v1", "wss://evilopenai.com/v1", "ws://localhost:1/v1")
    found = fallbacks(monkeypatch, ",".join(urls))
    assert [e.connect_headers.get("Authorization") for e in found] == ["Bearer sk-own", None, None]


def test_each_can_have_a_key_of_its_own(monkeypatch):
    value = f"eu=wss://eu.api.openai.com/v1, azure={AZURE}, own=ws://localhost:1/v1"
    found = fallbacks(monkeypatch, value, "azure=az=1==, eu=sk-eu, own=x")
    assert [endpoint.connect_headers for endpoint in found] == [
        {"Authorization": "Bearer sk-eu"},
        {"api-key": "az=1=="},
        {"Authorization": "Bearer x"},
    ]


@pytest.mark.parametrize(
    ("value", "keys", "expected"),
    [
        ("https://example.com", "", "not 'https://example.com'"),
        ("wss://", "", "not 'wss://'"),
        ("A B=wss://example.com", "", "not 'A B=wss://example.com'"),
        ("a=wss://x.com,a=wss://y.com", "", "'a' does"),
        ("a=wss://x.com", "b=secret", "FALLBACKS (a), not for 'b'"),
        ("a=wss://x.com", "secret", "list of name=key"),
    ],
)
def test_what_is_wrong_is_said_without_a_key(monkeypatch, capsys, value, keys, expected):
    monkeypatch.setenv("OPENAI_REALTIME_FALLBACKS", value)
    monkeypatch.setenv("OPENAI_REALTIME_FALLBACK_KEYS", keys)
    with pytest.raises(SystemExit):
        read_settings()
    said = capsys.readouterr().err
    assert said.startswith("OPENAI_REALTIME_FALLBACK")
    assert expected in said
    assert "secret" not in said


def test_keys_do_not_show(monkeypatch):
    found = fallbacks(monkeypatch, "a=wss://x.com", "a=very-secret")
    assert "very-secret" not in repr(found)
    assert "very-secret" not in repr(Settings())


def test_the_first_choice_stays_what_it_was(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
    monkeypatch.setenv("OPENAI_REALTIME_FALLBACKS", AZURE)
    assert endpoint_for(Settings()).name == "openai"
