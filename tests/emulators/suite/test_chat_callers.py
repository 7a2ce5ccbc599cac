"""A chat model plays a caller."""

import yaml
from openai import AsyncOpenAI

from emulators.chat.app import chat_app
from emulators.realtime.minds.script import script_from
from emulators.twilio.asgi_server import serving
from emulators.twilio.suite.by_chat import ChatPlayer, chat_client
from emulators.twilio.suite.player import Heard, Line
from tests.emulators.suite.made_calls import scenario

SCRIPT = """
turns:
  - match: how can I help
    do: [{say: A hotel in Paris please.}]
  - match: number
    do: [{call: {name: press_keys, arguments: {keys: "4 0 7#"}}}]
  - match: hold
    do: [{call: {name: say_nothing, arguments: {seconds: 3}}}]
  - match: Goodbye
    do: [{call: {name: hang_up, arguments: {}}}]
loop: true
"""


async def test_a_model_speaks_presses_keys_waits_and_hangs_up():
    async with serving(chat_app(script_from(yaml.safe_load(SCRIPT)))) as url:
        client = AsyncOpenAI(base_url=f"{url}/v1", api_key="any")
        player = ChatPlayer(scenario(), client, "gpt-5-mini")
        story = [Line(False, "Hello, how can I help?")]
        done = []
        for agent in ("Type your number.", "Please hold.", "Goodbye!"):
            step = await player.next(Heard(story[-1].text, {}, story))
            done.append(str(step))
            story += [Line(True, str(step)), Line(False, agent)]
        done.append(str(await player.next(Heard(story[-1].text, {}, story))))
        await client.close()
    assert done == [
        "A hotel in Paris please.",
        "(presses 407#)",
        "(says nothing for 3 s)",
        "(hangs up)",
    ]


async def test_a_scenario_that_is_about_timing_is_played_as_it_is_written():
    client = AsyncOpenAI(base_url="http://127.0.0.1:9", api_key="any")
    written = scenario(lines=[{"say": "stop", "interrupt_after_s": 1}])
    player = ChatPlayer(written, client, "gpt-5-mini")
    assert str(player.interruption(Heard("I found"))) == "stop"
    assert str(await player.next(Heard("I found"))) == "stop"


def test_a_model_plays_where_the_environment_names_one(monkeypatch):
    for name in ("OPENAI_CHAT_URL", "OPENAI_CHAT_KEY", "OPENAI_CHAT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert chat_client() is None
    monkeypatch.setenv("OPENAI_CHAT_URL", "http://127.0.0.1:9/v1")
    found = chat_client()
    assert found is not None
    assert found[1] == "gpt-5-mini"
