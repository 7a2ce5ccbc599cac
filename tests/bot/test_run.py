"""The command as a process: it starts what it needs, says where it is, and stops in order."""

import gc
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from agents import load_team, team_names, tool_servers_of
from bot.run import uncollected
from bot.version import ROOT
from tests.patience import PATIENCE_S


def environment(**settings: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "", **settings}


@contextmanager
def running(tmp_path: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service, and its banner."""
    service = subprocess.Popen(
        [sys.executable, "-m", "bot.run"],
        env=environment(PORT="0", DATABASE_URL=f"sqlite:///{tmp_path}/bookings.db", **settings),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert service.stdout
    try:
        banner = ""
        while "Ctrl-C" not in banner:
            line = service.stdout.readline()
            assert line, f"the service ended with code {service.wait()}"
            banner += line
        yield service, banner
    finally:
        service.kill()
        service.wait()
        service.stdout.close()


@pytest.mark.call
def test_it_starts_its_children_and_stops_with_them(tmp_path):
    with running(tmp_path) as (service, banner):
        (address,) = re.findall(r"Talk: +(\S+)", banner)
        ready = httpx.get(f"{address}/ready", timeout=PATIENCE_S).json()
        children = psutil.Process(service.pid).children()
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=PATIENCE_S) == 0
    assert "Travel front desk" in banner
    assert "offline emulator" in banner
    assert f"{address}/twilio/voice" in banner
    assert ready["ready"] is True
    servers = tool_servers_of(map(load_team, team_names()))
    assert ready["tool_servers"] == {server.name: "up" for server in servers}
    assert len(children) == 3, "the model, who writes in its place, and the tool servers"
    psutil.wait_procs(children, timeout=PATIENCE_S)
    assert [child for child in children if child.is_running()] == []


def test_a_port_in_use_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = subprocess.run(
            [sys.executable, "-m", "bot.run"],
            env=environment(PORT=str(taken.getsockname()[1])),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("HOST and PORT should be free")


def test_what_is_imported_is_left_out_of_collections():
    before = gc.get_freeze_count()
    with uncollected():
        assert not gc.isenabled()
        kept = [[number] for number in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() > before + len(kept) // 2
