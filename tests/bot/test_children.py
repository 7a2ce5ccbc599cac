"""Children: ready, restarted on their port, and gone with the service, however it goes."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bot import children as children_module
from bot.children import Child, ChildError, Children, ChildSpec
from bot.version import ROOT
from tests.patience import PATIENCE_S

SERVER = """
import argparse, signal, socket, sys
parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
parser.add_argument("--say", default="ready")
parser.add_argument("--deaf", action="store_true")
options = parser.parse_args()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", options.port))
listener.listen()
if options.say == "nothing":
    sys.exit(3)
if options.deaf:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("warming up")
print(f"{options.say} http://127.0.0.1:{listener.getsockname()[1]}/mcp")
signal.pause()
"""


@pytest.fixture
def server(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "some_server.py").write_text(SERVER)
    return {"PYTHONPATH": f"{tmp_path}:{ROOT}"}


def spec(environment: dict[str, str], *arguments: str) -> ChildSpec:
    return ChildSpec(
        name="some", module="some_server", arguments=arguments, environment=environment
    )


async def test_children_are_ready_inside_and_gone_outside(server):
    async with Children([spec(server)]) as children:
        assert children.url("some").startswith("http://127.0.0.1:")
        pid = children.child("some").pid
        assert pid
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)


async def test_one_that_ends_is_started_again_at_the_same_url(server, monkeypatch):
    monkeypatch.setattr(children_module, "FIRST_DELAY_S", 0.0)
    child = Child(spec(server))
    url = await child.start()
    first = child.pid
    assert first
    os.kill(first, signal.SIGKILL)
    await asyncio.wait_for(child.restarted.wait(), PATIENCE_S)
    assert child.pid not in (None, first)
    assert child.url == url
    _, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].split("/")[0]))
    writer.close()
    await child.stop()


async def test_one_that_ends_before_it_is_ready_is_an_error_that_names_it(server):
    with pytest.raises(ChildError, match=r"some \(some_server\) ended with code 3 before"):
        async with Children([spec(server, "--say", "nothing")]):
            pass


async def test_one_that_never_gets_ready_is_an_error_and_is_ended(server, monkeypatch):
    monkeypatch.setattr(children_module, "START_TIMEOUT_S", 1.0)
    child = Child(spec(server, "--say", "hello"))
    with pytest.raises(ChildError, match="was not ready within 1 s"):
        await child.start()
    assert child.pid is None


async def test_when_one_fails_to_start_the_others_are_ended(server):
    failing = ChildSpec(name="failing", module="no_such_module_anywhere", environment=server)
    children = Children([spec(server), failing])
    with pytest.raises(ChildError, match="failing"):
        async with children:
            pass
    assert children.child("some").pid is None


@pytest.mark.parametrize("arguments", [(), ("--deaf",)], ids=["heeds", "deaf"])
def test_children_end_with_a_parent_that_is_killed(server, tmp_path, arguments):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import asyncio\n"
            "from bot.children import Children, ChildSpec\n"
            "async def main():\n"
            f"    some = ChildSpec(name='some', module='some_server', arguments={arguments!r})\n"
            "    async with Children([some]) as c:\n"
            "        print(c.child('some').pid, flush=True)\n"
            "        await asyncio.sleep(60)\n"
            "asyncio.run(main())\n",
        ],
        env={**os.environ, **server},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + PATIENCE_S
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.02)
