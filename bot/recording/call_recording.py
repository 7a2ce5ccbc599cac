"""Whether and when one call is recorded: by the setting, the caller's answer, or an operator."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.recording.modes import RecordingFormat, RecordingMode
from bot.recording.recorder import Recorder
from bot.recording.recording_file import path_of
from bot.recording.wording import QUESTION
from processors.call_audio.alignment import CHANNELS
from processors.call_audio.tap import AudioTap
from processors.events.calls import Problem
from processors.events.event import Emit
from processors.events.recording import Consent, RecordingFinished, RecordingStarted
from processors.recording_consent import record_consent_tool
from processors.tools import Tool


class RecordingStateError(RuntimeError):
    """The call's recording can't do that now; the text says why."""


class CallRecording:
    """The recordings of one call: none, one, or several when it was stopped in between.

    A context manager around the call's conversation.

    Args:
        call_id: Names the files.
        mode: ``on`` and ``announce`` record from the start, ``consent`` after a yes.
        audio: The call's.
        directory: Of the files.
        format: Of the files.
        emit: Takes the call's events.
    """

    def __init__(
        self,
        call_id: str,
        *,
        mode: RecordingMode,
        audio: AudioTap,
        directory: Path,
        format: RecordingFormat,
        emit: Emit,
    ) -> None:
        self._call_id = call_id
        self._mode = mode
        self._audio = audio
        self._directory = directory
        self._format: RecordingFormat = format
        self._emit = emit
        self._recorder: Recorder | None = None
        self._count = 0
        self._granted: bool | None = None
        self._finishing: list[asyncio.Task[None]] = []

    @property
    def mode(self) -> RecordingMode:
        """When this call is recorded."""
        return self._mode

    @property
    def is_recording(self) -> bool:
        """Whether what is said now is kept."""
        return self._recorder is not None

    def tools(self) -> list[Tool]:
        """What agents can do about it: where callers are told, they may object."""
        if self._mode in ("off", "on"):
            return []
        question = QUESTION if self._mode == "consent" else None
        return [
            record_consent_tool(lambda granted: self.consent(granted=granted), question=question)
        ]

    def start(self) -> None:
        """Records from here on.

        Raises:
            RecordingStateError: It is off, it runs, the caller has not agreed or has objected, or
                the call is over.
        """
        if self._mode == "off":
            raise RecordingStateError("recording is off for this call")
        if self._granted is False:
            raise RecordingStateError("the caller does not want to be recorded")
        if self._mode == "consent" and not self._granted:
            raise RecordingStateError("the caller has not agreed to be recorded")
        if self._recorder:
            raise RecordingStateError("the call is recorded already")
        if self._audio.is_closed:
            raise RecordingStateError("the call is over")
        self._count += 1
        path = path_of(self._directory, self._call_id, self._count, self._format)
        recorder = Recorder(
            self._audio, path, self._format, lambda reason: self._failed(recorder, reason)
        )
        self._recorder = recorder
        self._emit(RecordingStarted(file=path.name, channels=list(CHANNELS)))

    async def stop(self) -> None:
        """Keeps nothing of what is said from here on; what there is becomes a file.

        Raises:
            RecordingStateError: Nothing is recorded.
        """
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            raise RecordingStateError("the call is not being recorded")
        await self._finish(recorder)

    async def _finish(self, recorder: Recorder) -> None:
        finished = await recorder.stop()
        if recorder.missed:
            self._trouble(f"the disk was too slow: {recorder.missed} pieces are silence instead")
        if finished:
            self._emit(
                RecordingFinished(
                    file=finished.path.name,
                    channels=list(CHANNELS),
                    duration_s=finished.duration_s,
                    bytes=finished.bytes,
                    sha256=finished.sha256,
                )
            )

    async def consent(self, *, granted: bool) -> None:
        """The caller's answer, which may change: a no ends what runs, a yes begins it."""
        self._granted = granted
        self._emit(Consent(kind="recording", granted=granted))
        if granted and not self._recorder and self._mode != "off":
            self.start()
        elif not granted and self._recorder:
            await self.stop()

    async def __aenter__(self) -> Self:
        if self._mode in ("on", "announce"):
            self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._recorder:
            await self.stop()
        await asyncio.gather(*self._finishing)

    def _failed(self, recorder: Recorder, reason: str) -> None:
        """Nothing more is kept: says so at once, and later what could be saved."""
        self._trouble(reason)
        if self._recorder is recorder:
            self._recorder = None
            self._finishing.append(asyncio.create_task(self._finish(recorder)))

    def _trouble(self, reason: str) -> None:
        self._emit(Problem(source="recording", code="recording_failed", message=reason))
