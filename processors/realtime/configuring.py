"""The one configuration of a session that waits to be acknowledged."""

import asyncio


class Configuring:
    """Ties a ``session.update`` to its ``session.updated``, its refusal, or the session's loss."""

    def __init__(self) -> None:
        self._event_id: str | None = None
        self._acknowledged: asyncio.Future[None] | None = None

    async def acknowledged(self, event_id: str, timeout_s: float) -> None:
        """Returns when the update is; raises what `fail` was given, or `TimeoutError`."""
        self._event_id = event_id
        self._acknowledged = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                await self._acknowledged
        finally:
            self._event_id = self._acknowledged = None

    def is_about(self, event_id: str | None) -> bool:
        """Whether an error names the update that is waited for."""
        return event_id is not None and event_id == self._event_id

    def succeed(self) -> None:
        """The update was carried out."""
        if self._acknowledged and not self._acknowledged.done():
            self._acknowledged.set_result(None)

    def fail(self, error: Exception) -> None:
        """It was not, and won't be."""
        if self._acknowledged and not self._acknowledged.done():
            self._acknowledged.set_exception(error)
