"""Hearing with pocketsphinx in worker processes: decoding holds the interpreter's lock."""

import asyncio
import contextlib
import sys
from typing import Any

import orjson
from loguru import logger

from emulators.hearing import Hints

_LONGEST_ANSWER_S = 60.0
_RATES = (8000, 16000, 24000)


class HearingError(RuntimeError):
    """An utterance could not be heard; the next one may be."""


class PocketSphinxHearing:
    """Implements `emulators.hearing.Hearing`: English, within the grammar that the hints make.

    Args:
        workers: Processes, each about 90 MB; an utterance takes about a fifth of its length.
    """

    def __init__(self, workers: int = 1) -> None:
        if workers < 1:
            raise ValueError(f"hearing needs at least one worker, not {workers}")
        self._workers = [_Worker() for _ in range(workers)]
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        """See `emulators.hearing.Hearing.transcribe`.

        Raises:
            ValueError: The sample rate is not supported.
            HearingError: The worker failed or took too long; it is replaced.
        """
        if sample_rate not in _RATES:
            raise ValueError(f"hearing takes audio at {_RATES} Hz, not {sample_rate}")
        whole = pcm[: len(pcm) - len(pcm) % 2]
        worker = await self._idle.get()
        try:
            return await worker.transcribe(whole, sample_rate, hints)
        finally:
            self._idle.put_nowait(worker)

    async def warm_up(self, hints: Hints) -> None:
        """Starts all workers and has them load what they need for ``hints``."""
        silence = bytes(2 * 1600)
        await asyncio.gather(
            *(worker.transcribe(silence, 16000, hints) for worker in self._workers)
        )

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [pid for worker in self._workers if (pid := worker.pid) is not None]

    async def close(self) -> None:
        """Stops the workers."""
        await asyncio.gather(*(worker.stop() for worker in self._workers))


class _Worker:
    """One process, started at its first utterance and again after it failed."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def transcribe(self, pcm: bytes, sample_rate: int, hints: Hints) -> str:
        request = {
            "size": len(pcm),
            "rate": sample_rate,
            "hints": {
                "phrases": list(hints.phrases),
                "vocabulary": {slot: list(words) for slot, words in hints.vocabulary.items()},
            },
        }
        async with self._turn:
            try:
                answer = await asyncio.wait_for(self._ask(request, pcm), _LONGEST_ANSWER_S)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                await self.stop()
                raise HearingError(f"the hearing process failed: {error!r}") from error
            except BaseException:
                # Cancelled with an answer outstanding: the next one would get it.
                await self.stop()
                raise
        if "error" in answer:
            raise HearingError(answer["error"])
        return str(answer["text"])

    async def _ask(self, request: dict[str, Any], pcm: bytes) -> dict[str, Any]:
        process = await self._running()
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise EOFError("no pipes")
        stdin.write(orjson.dumps(request, option=orjson.OPT_APPEND_NEWLINE))
        stdin.write(pcm)
        await stdin.drain()
        line = await stdout.readline()
        if not line:
            raise EOFError("it ended")
        answer: dict[str, Any] = orjson.loads(line)
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "emulators.hearing.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            logger.debug("hearing process {} started", self._process.pid)
        return self._process

    async def stop(self) -> None:
        """Ends the process; it is started again when it is needed."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
