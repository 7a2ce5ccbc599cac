"""Tasks that belong to one owner: none outlives it, and no failure goes unseen."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from loguru import logger


class Background:
    """Runs coroutines beside their owner until they end, or until `close` cancels them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None] | None:
        """Runs ``work``; its failure is logged. After `close` it does not start: None."""
        if self._is_closed:
            work.close()
            return None
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Cancels what runs and waits for it, except for the task that calls."""
        self._is_closed = True
        others = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.opt(exception=error).error("{} failed", task.get_name())
