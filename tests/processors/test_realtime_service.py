"""The service in a real pipeline, over a real WebSocket to the emulator in this process."""

import asyncio

import pytest
from pipecat.frames.frames import (
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMMessagesAppendFrame,
    OutputAudioRawFrame,
    TranscriptionFrame,
    TTSTextFrame,
    UserStartedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

from emulators.realtime import RealtimeEmulator
from emulators.realtime.faults import parse_fault
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import script_from
from emulators.speech_espeak import EspeakSpeech
from processors.call_control import end_call_tool
from processors.events.calls import Problem
from processors.events.conversation import (
    AgentChanged,
    AgentResumed,
    AgentTranscript,
    Interruption,
    SessionRenewed,
    SessionState,
    UserSpeech,
    UserTranscript,
)
from processors.events.figures import Usage
from processors.events.tools import ToolFinished
from processors.playback import Playback
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import SessionOptions
from processors.realtime.policy import CallPolicy
from processors.realtime.service import RealtimeService
from tests.emulators.standins import ScriptedHearing, ToneSpeech
from tests.patience import PATIENCE_S
from tests.processors.realtime_call import TEAM, tool

WANTS_HOTEL = "I need a hotel in Paris"
STORY = "once upon a time there was a king who had three sons"
SCRIPT = {
    "turns": [
        {
            "match": WANTS_HOTEL,
            "do": [
                {"say": "One moment please."},
                {
                    "call": {
                        "name": "transfer_to_hotels",
                        "arguments": {"reason": "wants a hotel", "context": "Paris"},
                    }
                },
            ],
        },
        {"match": "tell me", "do": [{"say": STORY}]},
        {
            "match": "parcel",
            "do": [
                {"remote_call": {"server": "post", "name": "track", "output": "In Lyon."}},
                {"say": "It is in Lyon."},
            ],
        },
        {"match": "send it back", "do": [{"ask_approval": {"server": "post", "name": "back"}}]},
        {"match": "transferred_to", "do": [{"call": {"name": "search", "arguments": {}}}]},
        {"match": "search done", "do": [{"say": "There is one."}]},
        {
            "match": "thank you",
            "do": [{"say": "Goodbye then."}, {"call": {"name": "end_call", "arguments": {}}}],
        },
    ],
}


class Phone(FrameProcessor):
    """Both ends of the line: what the caller says goes in, what comes out has been heard."""

    def __init__(self, playback):
        super().__init__(enable_direct_mode=True)
        self.playback = playback
        self.frames = []
        self.audio = bytearray()
        self.started = asyncio.Event()
        self.plays = True

    async def process_frame(self, frame: Frame, direction: FrameDirection):
        await super().process_frame(frame, direction)
        self.frames.append(frame)
        self.started.set()
        match frame:
            case OutputAudioRawFrame():
                self.audio += frame.audio
                if self.plays:
                    self.playback.played(len(frame.audio) // 2)
            case InterruptionFrame():
                self.playback.cleared()
        await self.push_frame(frame, direction)

    def of(self, kind):
        return [frame for frame in self.frames if isinstance(frame, kind)]


class PhoneCall:
    """``async with PhoneCall(lines) as call``: a call whose caller will say these lines."""

    def __init__(self, *lines, rate=8000, rtvi=False, policy=None, mind=None):
        hearing = ScriptedHearing(lines, check=False)
        self.emulator = RealtimeEmulator(
            mind=mind or script_from(SCRIPT), speech=ToneSpeech(), hearing=hearing, rate=100
        )
        self.rate = rate
        self.rtvi = rtvi
        self.policy = policy or CallPolicy()
        self.events = []
        self.changed = asyncio.Condition()
        self.playback = Playback(rate)
        self.phone = Phone(self.playback)

    async def __aenter__(self):
        await self.emulator.start()

        async def tools_of(agent):
            return [tool("search"), end_call_tool()]

        async def on_end(reason):
            await self.worker.queue_frame(EndFrame())

        self.service = RealtimeService(
            TEAM,
            call_id="call-1",
            endpoints=[Endpoint("emulator", self.emulator.url, "key", "gpt-realtime-2.1")],
            options=SessionOptions(),
            policy=self.policy,
            tools=tools_of,
            playback=self.playback,
            emit=self._emit,
            sample_rate=self.rate,
            on_end=on_end,
            rtvi=self.rtvi,
        )
        self.worker = PipelineWorker(
            Pipeline([self.service, self.phone]),
            params=PipelineParams(audio_in_sample_rate=self.rate, audio_out_sample_rate=self.rate),
            enable_rtvi=False,
            enable_turn_tracking=False,
            idle_timeout_secs=None,
            cancel_runner_on_idle_timeout=False,
        )
        self.runner = WorkerRunner(handle_sigint=False)
        await self.runner.add_workers(self.worker)
        self.running = asyncio.create_task(self.runner.run())
        await self.phone.started.wait()
        return self

    async def __aexit__(self, *_):
        if not self.running.done():
            await self.worker.cancel()
        await self.running
        await self.emulator.all_over()
        await self.emulator.close()

    def _emit(self, event):
        self.events.append(event)
        task = asyncio.get_running_loop().create_task(self._notify())
        task.set_name("notify")

    async def _notify(self):
        async with self.changed:
            self.changed.notify_all()

    async def until(self, kind, count=1, **fields):
        """The event of this kind that has these fields, once there are so many."""

        def matching():
            return [
                event
                for event in self.events
                if isinstance(event, kind)
                and all(getattr(event, name) == value for name, value in fields.items())
            ]

        async with asyncio.timeout(PATIENCE_S), self.changed:
            await self.changed.wait_for(lambda: len(matching()) >= count)
        return matching()[count - 1]

    async def write(self, text):
        message = {"role": "user", "content": text}
        await self.worker.queue_frame(LLMMessagesAppendFrame([message], run_llm=True))

    async def say(self, text, silence_s=1):
        spoken = EspeakSpeech().speak(text, voice="caller", sample_rate=self.rate)
        pcm = b"".join([chunk.pcm async for chunk in spoken])
        pcm = bytes(self.rate // 5) + pcm + bytes(self.rate * 2 * silence_s)
        step = self.rate // 50 * 2
        for start in range(0, len(pcm), step):
            await self.service.queue_frame(
                InputAudioRawFrame(pcm[start : start + step], self.rate, 1),
                FrameDirection.DOWNSTREAM,
            )


@pytest.mark.parametrize("rate", [8000, 24_000])
async def test_a_whole_call_in_two_voices(rate):
    async with PhoneCall(WANTS_HOTEL, "thank you", rate=rate) as call:
        await call.until(AgentTranscript, text="Hello.", final=True)
        await call.say(WANTS_HOTEL)
        await call.until(AgentChanged, to_agent="hotels")
        await call.until(ToolFinished, tool="search")
        await call.until(AgentTranscript, text="There is one.", final=True)
        await call.say("thank you")
        async with asyncio.timeout(PATIENCE_S):
            await call.running

    finals = [(e.agent, e.text) for e in call.events if isinstance(e, AgentTranscript) and e.final]
    assert finals == [
        ("front", "Hello."),
        ("front", "One moment please."),
        ("hotels", "There is one."),
        ("hotels", "Goodbye then."),
    ]
    assert [e.text for e in call.events if isinstance(e, UserTranscript) and e.final] == [
        WANTS_HOTEL,
        "thank you",
    ]
    # 120 ms a word: everything that was said came out of the pipeline, nothing twice.
    assert len(call.phone.audio) == pytest.approx(9 * 0.12 * rate * 2, rel=0.01)
    assert [e for e in call.events if isinstance(e, Usage)]
    assert len(call.phone.of(UserStartedSpeakingFrame)) == 2


async def test_typed_text_is_answered():
    async with PhoneCall() as call:
        await call.until(AgentTranscript, text="Hello.", final=True)
        message = {"role": "user", "content": WANTS_HOTEL}
        await call.worker.queue_frame(LLMMessagesAppendFrame([message], run_llm=True))
        await call.until(AgentTranscript, text="There is one.", final=True)


async def test_rtvi_clients_are_told_what_was_said():
    async with PhoneCall(WANTS_HOTEL, rtvi=True) as call:
        await call.say(WANTS_HOTEL)
        await call.until(AgentTranscript, text="There is one.", final=True)

    assert [frame.text for frame in call.phone.of(TranscriptionFrame)] == [WANTS_HOTEL]
    assert "There is one." in "".join(frame.text for frame in call.phone.of(TTSTextFrame))


async def test_phone_calls_carry_no_frames_for_rtvi():
    async with PhoneCall(WANTS_HOTEL) as call:
        await call.say(WANTS_HOTEL)
        await call.until(AgentTranscript, text="There is one.", final=True)

    assert not call.phone.of(TranscriptionFrame)
    assert not call.phone.of(TTSTextFrame)


async def test_no_task_is_left_when_the_caller_hangs_up():
    async with PhoneCall(WANTS_HOTEL) as call:
        await call.say(WANTS_HOTEL)
        await call.until(AgentChanged, to_agent="hotels")

    await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in left if "realtime" in task.get_name()]
    assert not [task for task in left if "tool" in task.get_name()]
    assert call.emulator.sessions == []


@pytest.mark.parametrize("fault", ["drop:code=1011", "drop:code=1006", "expire"])
async def test_a_dropped_socket_is_replaced_and_the_conversation_goes_on(fault):
    async with PhoneCall(WANTS_HOTEL) as call:
        await call.until(AgentTranscript, text="Hello.", final=True)
        call.emulator.arm(parse_fault(fault))
        await call.until(SessionState, state="ready", count=2)
        await call.say(WANTS_HOTEL)
        await call.until(AgentTranscript, text="There is one.", final=True)

    assert [e.text for e in call.events if isinstance(e, AgentTranscript) and e.final] == [
        "Hello.",
        "One moment please.",
        "There is one.",
    ]
    assert [e.fatal for e in call.events if isinstance(e, Problem)] == [False]


async def test_a_call_goes_on_over_any_number_of_renewals():
    policy = CallPolicy(session_s=1)
    async with PhoneCall(WANTS_HOTEL, "tell me", policy=policy) as call:
        await call.until(SessionRenewed)
        await call.say(WANTS_HOTEL)
        await call.until(AgentTranscript, text="There is one.", final=True)
        await call.until(SessionRenewed, count=3)
        await call.say("tell me")
        await call.until(AgentTranscript, text=STORY, final=True)
        await call.until(SessionRenewed, count=4)

    assert [e.text for e in call.events if isinstance(e, AgentTranscript) and e.final] == [
        "Hello.",
        "One moment please.",
        "There is one.",
        STORY,
    ]
    assert not [e for e in call.events if isinstance(e, Problem)]
    assert [e.state for e in call.events if isinstance(e, SessionState)][:-1] == [
        "connecting",
        "ready",
    ]


async def test_the_agent_is_interrupted_by_words_and_not_by_an_uh_huh():
    policy = CallPolicy(resumes=True)
    async with PhoneCall("tell me", "uh-huh", "please stop", policy=policy) as call:
        await call.until(AgentTranscript, text="Hello.", final=True)
        call.phone.plays = False
        await call.say("tell me")
        story = await call.until(AgentTranscript, text=STORY)
        call.playback.played(4000)
        await call.say("uh-huh")
        await call.until(AgentResumed)
        assert call.playback.heard_ms(story.item_id) == 500
        assert call.playback.waiting_ms == 12 * 120 - 500
        call.playback.played(1600)
        await call.say("please stop")
        cut = await call.until(Interruption)

    assert (cut.item_id, cut.heard_ms) == (story.item_id, 700)
    assert len(call.phone.of(InterruptionFrame)) == 2
    (final,) = [
        e
        for e in call.events
        if isinstance(e, AgentTranscript) and e.final and e.item_id == story.item_id
    ]
    assert final.interrupted
    assert not [e for e in call.events if isinstance(e, Problem)]


async def test_a_fact_that_only_the_summary_tells_is_known_after_a_renewal():
    policy = CallPolicy(session_s=4, history_tokens=300)
    async with PhoneCall(policy=policy, mind=RulesMind()) as call:
        await call.until(AgentTranscript, text="Hello.", final=True)
        await call.write("my name is Ann Miller")
        await call.until(AgentTranscript, final=True, count=2)
        for number in range(7):
            await call.write("What can you do?")
            await call.until(AgentTranscript, final=True, count=3 + number)
        await call.until(SessionRenewed)
        await call.write("what is my name?")
        answer = await call.until(AgentTranscript, final=True, count=10)
        items = [item.wire for item in call.emulator.sessions[-1].conversation.items]

    telling = [item for item in items if "Ann Miller" in str(item) and item["role"] != "assistant"]
    assert [item["role"] for item in telling] == ["system"]
    assert "Summary of the conversation up to here" in telling[0]["content"][0]["text"]
    assert "Ann Miller" in answer.text
    assert not [e for e in call.events if isinstance(e, Problem)]


async def test_a_reply_that_breaks_off_is_said_to_its_end_and_nothing_of_it_twice():
    async with PhoneCall("tell me") as call:
        await call.until(AgentTranscript, text="Hello.", final=True)
        call.emulator.arm(parse_fault("drop:code=1011,when=mid_reply"))
        await call.say("tell me")
        await call.until(SessionState, state="ready", count=2)
        await call.until(AgentTranscript, final=True, count=3)

    said = [e.text for e in call.events if isinstance(e, AgentTranscript) and e.final]
    assert said[0] == "Hello."
    assert " ".join(said[1:]) == STORY
    assert len(said) == 3


async def test_the_last_words_of_a_caller_who_hangs_up_in_a_sentence_are_written_down():
    async with PhoneCall("never mind") as call:
        await call.until(AgentTranscript, text="Hello.", final=True)
        await call.say("never mind, I will call again later", silence_s=0)
        await call.until(UserSpeech, speaking=True)

    assert [e.text for e in call.events if isinstance(e, UserTranscript) and e.final] == [
        "never mind"
    ]


async def test_tools_that_the_server_calls_are_shown_and_those_it_asks_for_are_refused():
    async with PhoneCall() as call:
        await call.until(AgentTranscript, text="Hello.", final=True)
        await call.write("where is my parcel")
        await call.until(AgentTranscript, text="It is in Lyon.", final=True)
        await call.write("send it back")
        refusal = await call.until(AgentTranscript, final=True, count=3)

    assert "not allowed" in refusal.text
    finished = [e for e in call.events if isinstance(e, ToolFinished)]
    assert [(e.tool, e.is_error) for e in finished] == [("post.track", False), ("post.back", True)]
    assert not [e for e in call.events if isinstance(e, Problem)]
