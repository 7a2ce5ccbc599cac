"""``python -m emulators.realtime`` as a process."""

import asyncio
import json
import signal
import sys

import pytest
from websockets.asyncio.client import connect

from tests.patience import PATIENCE_S


async def start(*arguments):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "emulators.realtime",
        "--port",
        "0",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_says_where_it_serves_and_ends_on_a_signal(tmp_path):
    script = tmp_path / "script.yaml"
    script.write_text("opening: [{say: Hello.}]\nturns: []\n")
    process = await start(
        "--mind", "script", "--script", str(script), "--fault", "unknown_event:events=1"
    )
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode()
        word, url = line.split()
        assert word == "ready"
        key = {"Authorization": "Bearer any"}
        async with connect(f"{url}?model=gpt-realtime", additional_headers=key) as socket:
            await socket.send(json.dumps({"type": "response.create"}))
            kinds = []
            while "response.done" not in kinds:
                event = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
                kinds.append(event["type"])
        assert kinds[:2] == ["session.created", "response.hologram.delta"]
        process.send_signal(signal.SIGTERM)
        out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        assert (out, process.returncode) == (b"", 0)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--fault", "hiccup"], "hiccup"),
        (["--teams", "nobody"], "nobody"),
        (["--mind", "script"], "--script"),
    ],
)
async def test_what_it_does_not_understand_ends_it_with_2(arguments, complaint):
    process = await start(*arguments)
    out, complaints = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert (out, process.returncode) == (b"", 2)
    assert complaint in complaints.decode()
