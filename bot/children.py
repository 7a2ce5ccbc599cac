"""Processes that the service starts for itself: the emulated model and the tool servers.

Each one picks a free port, says ``ready <url>`` on stdout and is watched from then on: one that
ends is started again, on the same port, so that its URL stays good. They end with the service,
also when it is killed: see `bot.child`.
"""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

from loguru import logger

from bot.errors import StartError

START_TIMEOUT_S = 60.0
"""Importing the libraries alone takes seconds on a busy machine."""

STOP_TIMEOUT_S = 5.0
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0

LONGEST_LINE = 1024 * 1024
OWN_SECRETS = {
    "API_KEYS",
    "SECRET_KEY",
    "TWILIO_AUTH_TOKEN",
    "REDIS_URL",
    "OTEL_EXPORTER_OTLP_HEADERS",
}
_LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
"""Children write it near the start of a line; what has none goes on with the line before."""


class ChildError(StartError):
    """A child ended, or said nothing, instead of becoming ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """What to run: ``python -m <module> <arguments> --port <port>``.

    Attributes:
        name: For people, in the log.
        module: A module whose process prints ``ready <url>`` once it serves.
        arguments: Besides the port.
        environment: Variables on top of the service's own.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """One process that is kept running."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.url = ""
        self.restarted = asyncio.Event()
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> str:
        """Runs it until it is ready, and its URL. Raises `ChildError`."""
        self.url = await self._launch(port=0)
        self._watch = asyncio.create_task(self._keep_running(), name=f"child-{self.spec.name}")
        return self.url

    async def stop(self) -> None:
        """Ends it: SIGTERM, and SIGKILL when that is not heeded."""
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        await self._end()

    async def _launch(self, port: int) -> str:
        spec = self.spec
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.child", spec.module),
            *(*spec.arguments, "--port", str(port)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=LONGEST_LINE,
            env={**_inherited(), "PYTHONUNBUFFERED": "1", **spec.environment},
            # A process group of its own: Ctrl-C at a terminal reaches the service alone, which
            # ends its calls before it ends what they need.
            start_new_session=True,
        )
        self._telling = asyncio.create_task(_pass_on(spec.name, self._process))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                return await self._read_url(self._process)
        except TimeoutError:
            await self._end()
            raise ChildError(
                f"{spec.name} ({spec.module}) was not ready within {START_TIMEOUT_S:.0f} s"
            ) from None
        except BaseException:
            await self._end()
            raise

    async def _read_url(self, process: Process) -> str:
        output = _stdout(process)
        while line := await output.readline():
            word, _, url = line.decode(errors="replace").strip().partition(" ")
            if word == "ready" and url:
                return url
        code = await process.wait()
        raise ChildError(
            f"{self.spec.name} ({self.spec.module}) ended with code {code} before it was ready"
        )

    async def _keep_running(self) -> None:
        clock = asyncio.get_running_loop().time
        delay = FIRST_DELAY_S
        while True:
            started = clock()
            if self._process:
                code = await _drain(self._process)
                logger.warning("{} ended with code {}", self.spec.name, code)
            if clock() - started > LONGEST_DELAY_S:
                delay = FIRST_DELAY_S
            logger.info("starting {} again in {} s", self.spec.name, delay)
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)
            try:
                await self._launch(port=urlsplit(self.url).port or 0)
                self.restarted.set()
            except ChildError as error:
                logger.error("{}", error)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await process.wait()
            except TimeoutError:
                logger.warning("{} did not end by SIGTERM", self.spec.name)
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.stdin:
            process.stdin.close()


def _stdout(process: Process) -> asyncio.StreamReader:
    return cast(asyncio.StreamReader, process.stdout)  # it was asked for with PIPE


def _inherited() -> dict[str, str]:
    """The service's environment without what only the service itself needs."""
    return {name: value for name, value in os.environ.items() if name not in OWN_SECRETS}


async def _pass_on(name: str, process: Process) -> None:
    """Brings what a child writes to stderr into the one log, where it is masked."""
    output = cast(asyncio.StreamReader, process.stderr)
    log, level = logger.bind(child=name), "WARNING"
    while True:
        try:
            line = await output.readline()
        except ValueError:  # longer than LONGEST_LINE; the reader has dropped it
            continue
        if not line:
            return
        text = line.decode(errors="replace").rstrip()
        if found := _LEVEL.search(text):
            level = found[1]
        log.log(level, "{}: {}", name, text)


async def _drain(process: Process) -> int:
    """Reads stdout, so that it never fills up, until the process ends; its exit code."""
    while await _stdout(process).read(65_536):
        pass
    return await process.wait()


class Children:
    """All of them: started together on entry, ended together on exit."""

    def __init__(self, specs: Sequence[ChildSpec]) -> None:
        self._children = {spec.name: Child(spec) for spec in specs}

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.TaskGroup() as starting:
                for child in self._children.values():
                    starting.create_task(child.start())
        except BaseException as failed:
            await self.stop()
            if isinstance(failed, ExceptionGroup):
                raise failed.exceptions[0] from None
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Ends all of them at once."""
        await asyncio.gather(*(child.stop() for child in self._children.values()))

    def child(self, name: str) -> Child:
        """The child of that name."""
        return self._children[name]

    def url(self, name: str) -> str:
        """Where the child of that name serves."""
        return self._children[name].url
