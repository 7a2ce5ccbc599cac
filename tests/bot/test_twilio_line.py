"""A phone's line in a pipeline: audio both ways, interruptions, what was heard, and the end."""

import asyncio
import audioop
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

from bot.transports import media_socket, twilio_output
from bot.transports.media_socket import MediaSocket
from bot.transports.media_streams import POLICY_VIOLATION, PROTOCOL_ERROR, StreamError
from bot.transports.twilio import TwilioLine
from processors.playback import Playback
from tests.bot.phone import CONNECTED, STOP, FakeWebSocket, dtmf, mark, media, start
from tests.patience import PATIENCE_S


class Model(FrameProcessor):
    """Stands where the model's service stands: takes frames down, speaks when a test says so."""

    def __init__(self) -> None:
        super().__init__(enable_direct_mode=True)
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame | InputDTMFFrame):
            self.frames.put_nowait(frame)
            return
        await self.push_frame(frame, direction)

    async def gets(self) -> Frame:
        return await asyncio.wait_for(self.frames.get(), PATIENCE_S)

    async def speaks(self, seconds: float) -> None:
        pcm = audioop.ulaw2lin(b"\x55" * int(8000 * seconds), 2)
        await self.push_frame(TTSAudioRawFrame(pcm, 8000, 1))


class Phone:
    def __init__(self) -> None:
        self.websocket = FakeWebSocket()
        self.playback = Playback(8000)
        self.model = Model()
        self.line: TwilioLine
        self.worker: PipelineWorker
        self.running: asyncio.Task[None]

    async def speaks(self, item: str, seconds: float) -> None:
        self.playback.enqueued(item, 0, int(8000 * seconds))
        await self.model.speaks(seconds)

    async def plays(self, chunks: int) -> list[str]:
        """Takes so many chunks with their marks; the marks' names."""
        names = []
        for _ in range(chunks):
            assert (await self.websocket.hears())["event"] == "media"
            message = await self.websocket.hears()
            assert message["event"] == "mark"
            names.append(message["mark"]["name"])
        return names


@asynccontextmanager
async def phone() -> AsyncIterator[Phone]:
    phone = Phone()
    phone.websocket.says(CONNECTED, start())
    socket = MediaSocket(phone.websocket)
    started = await socket.start()
    assert started
    phone.line = TwilioLine(socket, started)
    phone.worker = PipelineWorker(
        Pipeline([phone.line.input(), phone.model, phone.line.output(phone.playback)]),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(phone.worker)
    phone.running = asyncio.create_task(runner.run())
    try:
        yield phone
    finally:
        await phone.worker.cancel()
        await asyncio.wait_for(phone.running, PATIENCE_S)


async def test_the_callers_audio_comes_in_as_pcm_at_8_khz():
    async with phone() as call:
        call.websocket.says(media(b"\x00\x7f\xff\x80" * 40))
        frame = await call.model.gets()
        assert isinstance(frame, InputAudioRawFrame)
        assert (frame.sample_rate, frame.num_channels) == (8000, 1)
        assert frame.audio == audioop.ulaw2lin(b"\x00\x7f\xff\x80" * 40, 2)


async def test_keys_come_in_as_dtmf_frames():
    async with phone() as call:
        call.websocket.says(dtmf("5"), dtmf("A"), dtmf("#"))
        frames = [await call.model.gets() for _ in range(2)]
        assert [frame.button.value for frame in frames] == ["5", "#"]


async def test_the_agents_audio_goes_out_as_mu_law_with_marks():
    async with phone() as call:
        await call.speaks("item", 0.15)
        first = await call.websocket.hears()
        assert base64.b64decode(first["media"]["payload"]) == b"\x55" * 800
        assert (await call.websocket.hears())["event"] == "mark"
        rest = await call.websocket.hears()
        assert base64.b64decode(rest["media"]["payload"]) == b"\x55" * 400


async def test_what_was_heard_follows_the_marks():
    async with phone() as call:
        await call.speaks("item", 0.3)
        names = await call.plays(3)
        assert call.playback.heard_ms("item") == 0
        call.websocket.says(mark(names[0]), mark(names[1]), dtmf("1"))
        await call.model.gets()
        assert call.playback.heard_ms("item") == 200
        call.websocket.says(mark(names[2]))
        await asyncio.wait_for(call.playback.drained(), PATIENCE_S)


async def test_an_interruption_clears_the_carrier_and_its_marks_do_not_count():
    async with phone() as call:
        await call.speaks("item", 5.0)
        names = await call.plays(10)
        call.playback.cut()
        await call.model.push_frame(InterruptionFrame())
        while (message := await call.websocket.hears())["event"] != "clear":
            assert message["event"] in ("media", "mark")
        call.websocket.says(*map(mark, names), dtmf("1"))
        await call.model.gets()
        assert call.playback.heard_ms("item") == 0
        assert call.websocket.heard_nothing_more()
        await call.speaks("next", 0.1)
        (name,) = await call.plays(1)
        call.websocket.says(mark(name))
        await asyncio.wait_for(call.playback.drained(), PATIENCE_S)
        assert call.playback.heard_ms("next") == 100


async def test_the_end_waits_until_the_goodbye_was_heard():
    async with phone() as call:
        await call.speaks("goodbye", 0.1)
        await call.worker.queue_frame(EndFrame())
        (name,) = await call.plays(1)
        assert call.websocket.closed is None
        call.websocket.says(mark(name))
        await asyncio.wait_for(call.running, PATIENCE_S)
        assert call.websocket.closed == (1000, "")


async def test_the_end_does_not_wait_for_a_caller_who_is_gone():
    async with phone() as call:
        await call.speaks("goodbye", 0.1)
        await call.plays(1)
        await call.worker.queue_frame(EndFrame())
        call.websocket.leaves()
        await asyncio.wait_for(call.running, PATIENCE_S)


async def test_the_end_does_not_wait_for_marks_that_never_come(monkeypatch):
    monkeypatch.setattr(twilio_output, "FAREWELL_TIMEOUT_S", 0.05)
    async with phone() as call:
        await call.speaks("goodbye", 0.1)
        await call.plays(1)
        await call.worker.queue_frame(EndFrame())
        await asyncio.wait_for(call.running, PATIENCE_S)
        assert call.websocket.closed == (1000, "")


@pytest.mark.parametrize("goodbye", ["stop", "disconnect"])
async def test_a_caller_who_hangs_up_is_noticed(goodbye):
    async with phone() as call:
        if goodbye == "stop":
            call.websocket.says(STOP)
        else:
            call.websocket.leaves()
        await asyncio.wait_for(call.line.hung_up.wait(), PATIENCE_S)
        assert call.line.failure is None


async def test_a_cancelled_call_drops_what_was_not_heard():
    async with phone() as call:
        heard = []
        call.playback.listen(heard.append)
        await call.speaks("item", 3.0)
        await call.plays(1)
        await call.worker.queue_frame(CancelFrame())
        await asyncio.wait_for(call.running, PATIENCE_S)
        assert call.websocket.closed == (1000, "")
        assert [(part.item_id, part.cut) for part in heard] == [("item", True)]


async def test_garbage_in_the_middle_closes_the_socket_with_a_code_and_ends_the_call():
    async with phone() as call:
        call.websocket.says(media(b"\xff" * 160), start())
        await asyncio.wait_for(call.line.hung_up.wait(), PATIENCE_S)
        assert call.websocket.closed == (PROTOCOL_ERROR, "a second start")
        assert call.line.failure


async def test_a_socket_that_never_starts_is_refused(monkeypatch):
    monkeypatch.setattr(media_socket, "START_TIMEOUT_S", 0.01)
    websocket = FakeWebSocket()
    websocket.says(CONNECTED)
    with pytest.raises(StreamError) as refused:
        await MediaSocket(websocket).start()
    assert refused.value.code == POLICY_VIOLATION


async def test_a_socket_that_leaves_before_its_start_is_no_error():
    websocket = FakeWebSocket()
    websocket.says(CONNECTED)
    websocket.leaves()
    assert await MediaSocket(websocket).start() is None


async def test_a_carrier_that_stops_reading_holds_nobody_up_and_hears_the_rest_afterwards():
    async with phone() as call:
        await call.speaks("before", 0.1)
        (name,) = await call.plays(1)
        call.websocket.says(mark(name))
        call.websocket.reads.clear()
        await call.speaks("during", 0.3)
        # The caller goes on talking, and is heard.
        call.websocket.says(*[media(b"\xff" * 160)] * 1000)
        for _ in range(1000):
            await call.model.gets()
        assert call.websocket.heard_nothing_more()
        call.websocket.reads.set()
        names = await call.plays(3)
        call.websocket.says(*map(mark, names))
        await asyncio.wait_for(call.playback.drained(), PATIENCE_S)
        assert call.playback.heard_ms("during") == 300


async def test_what_was_interrupted_while_a_carrier_did_not_read_is_not_heard_later():
    async with phone() as call:
        call.websocket.reads.clear()
        await call.speaks("long", 60)
        await asyncio.sleep(0)
        call.playback.cut()
        await call.model.push_frame(InterruptionFrame())
        await call.speaks("short", 0.1)
        call.websocket.reads.set()
        heard = []
        while not heard or heard[-1]["event"] != "mark":
            heard.append(await call.websocket.hears())
        events = [message["event"] for message in heard]
        # At most the one chunk that was on its way when the carrier stopped.
        assert events in (["media", "clear", "media", "mark"], ["media", "mark"])
        call.websocket.says(mark(heard[-1]["mark"]["name"]))
        await asyncio.wait_for(call.playback.drained(), PATIENCE_S)
        assert call.playback.heard_ms("short") == 100
