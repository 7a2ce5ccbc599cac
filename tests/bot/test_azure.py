"""Calls over an Azure resource: its path, its deployments, its ways to say who one is."""

import shlex
import sys

import pytest

from bot.engines.engine import is_azure
from bot.settings import Settings
from bot.switchboard import endpoint_for
from bot.token_command import TokenCommand
from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from processors.events.calls import Problem
from processors.events.conversation import AgentTranscript, UserTranscript
from processors.realtime.connection import ConnectError, open_websocket
from processors.realtime.endpoints import Endpoint, TokenError
from tests.bot.events import events_of
from tests.bot.service import model, service, until

DEPLOYMENTS = ("our-voice", "our-ears")
TOKEN = "aaaa.bbbb.cccc"
AT_AZURE = {
    "openai_realtime_model": "our-voice",
    "openai_realtime_transcription_model": "our-ears",
}


def printing(text: str, code: int = 0) -> str:
    program = f"import sys; print({text!r}); sys.exit({code})"
    return shlex.join((sys.executable, "-c", program))


@pytest.mark.call
@pytest.mark.parametrize(
    "extra", [{}, {"azure_token_command": printing(TOKEN)}], ids=["by key", "by Entra token"]
)
async def test_a_phone_call_is_held_by_a_deployment(extra):
    async with (
        Carrier() as carrier,
        model(hearing=["I need a hotel"], azure_deployments=DEPLOYMENTS) as emulator,
        service(emulator.azure_url, **AT_AZURE, **extra) as running,
        events_of(running) as events,
    ):
        caller = ScriptedCaller([Say("I need a hotel in Paris")], manners=Manners(quiet_s=0.3))
        await carrier.call(f"{running.http}/twilio/voice", caller)
        await until(lambda: not running.switchboard.calls.live)
    words = [e.text for e in events if isinstance(e, UserTranscript) and e.final]
    assert words == ["I need a hotel"]
    said = [e.text for e in events if isinstance(e, AgentTranscript) and e.final]
    assert said == [running.switchboard.team.entry.greeting, "Very well then"]
    assert not [e for e in events if isinstance(e, Problem)]


@pytest.mark.parametrize(
    ("key", "headers", "deployment", "status"),
    [
        ("sk-a-key-of-openai", {}, "our-voice", 401),
        ("", {}, "our-voice", 401),
        ("", {"api-key": "k"}, "gpt-realtime-2.1", 404),
    ],
    ids=["a key as a token", "no key", "a model that is no deployment"],
)
async def test_what_azure_refuses_is_not_tried_again(key, headers, deployment, status):
    async with model(azure_deployments=DEPLOYMENTS) as emulator:
        endpoint = Endpoint("azure", emulator.azure_url, key, deployment, headers=headers)
        with pytest.raises(ConnectError, match=str(status)) as refused:
            await open_websocket(endpoint)
    assert refused.value.is_permanent


async def test_an_emulator_without_deployments_is_no_azure_resource():
    async with model() as emulator:
        endpoint = Endpoint("azure", emulator.azure_url, "", "x", headers={"api-key": "k"})
        with pytest.raises(ConnectError, match="404"):
            await open_websocket(endpoint)


def test_azure_is_known_by_its_domains_and_paths():
    assert is_azure("wss://me.openai.azure.com/openai/v1/realtime")
    assert is_azure("wss://me.services.ai.azure.com/openai/v1/realtime")
    assert is_azure("wss://gateway.example.com/openai/v1/realtime")
    assert not is_azure("wss://api.openai.com/v1/realtime")
    assert not is_azure("wss://notazure.com/v1/realtime")


def test_the_first_endpoint_gets_its_key_in_the_header_for_it():
    chosen = Settings(
        _env_file=None,
        openai_api_key="resource-key",
        openai_realtime_url="wss://me.openai.azure.com/openai/v1/realtime",
        openai_realtime_model="our-voice",
    )
    endpoint = endpoint_for(chosen)
    assert endpoint.connect_headers == {"api-key": "resource-key"}
    assert endpoint.connect_url == ("wss://me.openai.azure.com/openai/v1/realtime?model=our-voice")


async def test_a_token_is_asked_for_once():
    tokens = TokenCommand(printing(TOKEN))
    assert await tokens() == TOKEN
    assert await tokens() == TOKEN


@pytest.mark.parametrize(
    "command",
    [printing("", 1), printing("please log in"), "there-is-no-such-command"],
    ids=["fails", "prints prose", "is missing"],
)
async def test_a_command_without_a_token_is_an_outage_and_not_the_end(command):
    tokens = TokenCommand(command)
    with pytest.raises(TokenError):
        await tokens()
    endpoint = Endpoint("azure", "ws://127.0.0.1:9/openai/v1/realtime", "", "x", token=tokens)
    with pytest.raises(ConnectError) as failed:
        await open_websocket(endpoint)
    assert not failed.value.is_permanent
    assert "log in" not in str(failed.value)
