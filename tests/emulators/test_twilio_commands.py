"""``python -m emulators.twilio`` as people run it."""

import asyncio
import json
import signal
import sys
import wave
from pathlib import Path

import httpx
import pytest

from emulators.twilio.__main__ import main
from emulators.twilio.sids import DEFAULT_ACCOUNT
from tests.emulators.twilio_app import Application, MediaLine, tone
from tests.patience import PATIENCE_S


async def run(*arguments: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "emulators.twilio", *arguments)
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


async def greet(line: MediaLine) -> None:
    await line.play(tone(0.5))
    await line.until("stop")


@pytest.mark.call
async def test_call_prints_what_happened_and_records_both_sides(tmp_path: Path):
    record = tmp_path / "heard.wav"
    async with Application(greet).serving() as application:
        application.connect()
        process = await run(
            *("call", "--url", application.url + "/voice", "--say", "hi", "--dtmf", "7"),
            *("--quiet", "0.4", "--patience", "0.4", "--record", str(record)),
        )
        printed, _ = await process.communicate()
    assert process.returncode == 0
    report = json.loads(printed)
    assert report["call"]["status"] == "completed"
    assert report["call"]["ended_by"] == "caller"
    greeting = report["greeting"]
    assert greeting["ended_s"] - greeting["started_s"] == pytest.approx(0.5, abs=0.02)
    said, pressed = report["turns"]
    assert (said["said"], said["reply"]) == ("hi", None)
    assert pressed["pressed"] == "7"
    with wave.open(str(record)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        assert file.getnframes() / 8000 == pytest.approx(report["call"]["duration_s"], abs=0.1)


async def test_a_call_that_nobody_takes_fails():
    process = await run("call", "--url", "http://127.0.0.1:1/voice", "--hangup-after", "0.1")
    printed, _ = await process.communicate()
    assert process.returncode == 1
    assert json.loads(printed)["notes"][0]["code"] == 11205


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["call", "--url", "http://127.0.0.1:1", "--interrupt", "1"], "--interrupt is followed by"),
        (["call", "--url", "http://127.0.0.1:1", "--voice", "x", "--say", "hi"], "voice 'x'"),
        (["serve", "--callee", "12=asleep"], "NUMBER=HOW"),
        (["call"], "--url"),
    ],
)
def test_bad_usage_is_explained(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


async def test_serve_says_when_it_is_ready_and_ends_on_sigterm():
    process = await run("serve", "--port", "0", "--auth-token", "t", "--callee", "99=busy")
    assert process.stdout is not None
    ready, url = (await process.stdout.readline()).decode().split()
    assert ready == "ready"
    form = {"To": "+15555551199", "From": "+15555550100", "Twiml": "<Response/>"}
    auth = (DEFAULT_ACCOUNT, "t")
    async with httpx.AsyncClient(base_url=url, auth=auth, timeout=PATIENCE_S) as http:
        path = f"/2010-04-01/Accounts/{DEFAULT_ACCOUNT}/Calls"
        created = await http.post(f"{path}.json", data=form)
        assert created.status_code == 201
        fetched = await http.get(created.json()["uri"])
        assert fetched.json()["to"] == "+15555551199"
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
