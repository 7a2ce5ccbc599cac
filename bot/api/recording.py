"""Recordings of calls: begin and end them, fetch them, delete them."""

import asyncio
from pathlib import Path as File
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from loguru import logger
from pydantic import BaseModel, ConfigDict

from bot.api.access import Admin, Operator, Reader, SwitchboardOf
from bot.api.problems import Problem
from bot.api.ranged_file import RangedFile
from bot.calls import CALL_ID
from bot.recording.call_recording import RecordingStateError
from bot.recording.encoders import MEDIA_TYPES
from bot.recording.peaks import READER, read_peaks
from bot.switchboard import Switchboard
from processors.events.people import OperatorAction

router = APIRouter(
    prefix="/api/calls/{call_id}",
    tags=["recording"],
    responses={404: {"description": "There is no such call, or no recording of it"}},
)

CallId = Annotated[str, Path(description="A call, as its events name it.")]
Part = Annotated[int, Query(ge=1, le=1000, description="Which one, if there are several.")]


class RecordingOrder(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["start", "stop"]


class RecordingView(BaseModel):
    """Whether a live call is being recorded now."""

    call_id: str
    recording: bool


@router.post(
    "/recording",
    operation_id="control_recording",
    responses={409: {"description": "It is off, not agreed to, or in that state already"}},
)
async def control(
    call_id: CallId, order: RecordingOrder, switchboard: SwitchboardOf, caller: Operator
) -> RecordingView:
    """Starts or stops the recording of a live call; never against the caller's answer."""
    call = switchboard.calls.live.get(call_id)
    if call is None:
        raise Problem(404, "no live call has this id", field="call_id")
    recording = call.recording
    if recording is None:
        raise Problem(409, "this call is not connected yet")
    try:
        if order.action == "start":
            recording.start()
        else:
            await recording.stop()
    except RecordingStateError as refused:
        raise Problem(409, str(refused)) from refused
    action: Literal["record", "stop_recording"] = (
        "record" if order.action == "start" else "stop_recording"
    )
    call.emit(OperatorAction(action=action, by=caller.name))
    return RecordingView(call_id=call_id, recording=recording.is_recording)


@router.get(
    "/recording",
    operation_id="get_recording",
    response_class=RangedFile,
    responses={
        200: {
            "description": "The file; the caller is on the left, the agent on the right",
            "content": {kind: {} for kind in MEDIA_TYPES.values()},
        },
        206: {"description": "The part that `Range` asks for"},
        416: {"description": "A range that the file does not have"},
    },
)
async def fetch(
    call_id: CallId,
    switchboard: SwitchboardOf,
    _caller: Reader,
    part: Part = 1,
) -> RangedFile:
    """A finished recording of the call."""
    path = _part(switchboard, call_id, part)
    count = len(_found(switchboard, call_id))
    headers = {"Cache-Control": "private, no-store", "X-Recordings": str(count)}
    return RangedFile(
        path, media_type=MEDIA_TYPES[path.suffix], filename=path.name, headers=headers
    )


class PeaksView(BaseModel):
    """How loud each side is over time: ``per_s`` peaks in a second, 0 to 100 % of the scale."""

    model_config = ConfigDict(from_attributes=True)

    duration_s: float
    per_s: float
    caller: list[int]
    agent: list[int]


@router.get("/recording/peaks", operation_id="get_recording_peaks")
async def peaks(
    call_id: CallId, switchboard: SwitchboardOf, _caller: Reader, part: Part = 1
) -> PeaksView:
    """What a waveform of a finished recording is drawn from."""
    path = _part(switchboard, call_id, part)
    try:
        found = await asyncio.get_running_loop().run_in_executor(READER, read_peaks, path)
    except OSError as error:
        logger.bind(call_id=call_id).warning("a recording can't be read: {}", error)
        raise Problem(404, "this recording can't be read", field="part") from error
    return PeaksView.model_validate(found)


@router.delete("/recording", operation_id="delete_recording", status_code=204)
async def delete(call_id: CallId, switchboard: SwitchboardOf, _caller: Admin) -> Response:
    """Deletes every finished recording of the call, for good."""
    _found(switchboard, call_id)
    switchboard.recordings.delete(call_id)
    return Response(status_code=204)


def _part(switchboard: Switchboard, call_id: str, part: int) -> File:
    found = _found(switchboard, call_id)
    if part > len(found):
        raise Problem(404, f"the call has {len(found)} recordings", field="part")
    return found[part - 1]


def _found(switchboard: Switchboard, call_id: str) -> list[File]:
    found = switchboard.recordings.find(call_id) if CALL_ID.fullmatch(call_id) else []
    if not found:
        raise Problem(404, "there is no finished recording of this call", field="call_id")
    return found
