"""Bearer tokens that a command prints, such as ``az account get-access-token``."""

import asyncio
import shlex
import time
from asyncio.subprocess import PIPE
from contextlib import suppress

from loguru import logger

from processors.realtime.endpoints import TokenError

FRESH_S = 300.0
"""A token is asked for again after this long: Entra's live for an hour and more."""

USABLE_S = 2400.0
"""Until then the last one does when the command fails."""

TIMEOUT_S = 20.0


class TokenCommand:
    """Runs the command when a token is wanted, for all calls together.

    Only the first caller waits for the command: later ones get the token that is there, and it is
    renewed beside them. The command's output is a secret and is never logged.

    Args:
        command: As in a shell, without a shell's features; prints the token and nothing else.
    """

    def __init__(self, command: str) -> None:
        self._arguments = shlex.split(command)
        self._token = ""
        self._got_at = 0.0
        self._renewing: asyncio.Task[str] | None = None

    async def __call__(self) -> str:
        """A token that is good now.

        Raises:
            TokenError: The command fails, and what it printed earlier is too old.
        """
        age = time.monotonic() - self._got_at
        if self._token and age < FRESH_S:
            return self._token
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._run(), name="token-command")
            self._renewing.add_done_callback(_seen)
        if self._token and age < USABLE_S:
            return self._token
        return await asyncio.shield(self._renewing)

    async def _run(self) -> str:
        name = self._arguments[0]
        try:
            process = await asyncio.create_subprocess_exec(
                *self._arguments, stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE
            )
        except OSError as error:
            raise TokenError(f"{name} can't be run: {error.strerror}") from error
        try:
            async with asyncio.timeout(TIMEOUT_S):
                output, _ = await process.communicate()
        except TimeoutError:
            raise TokenError(f"{name} printed no token within {TIMEOUT_S:g} s") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        token = output.decode(errors="replace").strip()
        if process.returncode or not token or len(token.split()) != 1:
            raise TokenError(f"{name} ended with code {process.returncode} and printed no token")
        self._token, self._got_at = token, time.monotonic()
        return token


def _seen(task: asyncio.Task[str]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.warning("no new token: {}", error)
