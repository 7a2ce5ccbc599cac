"""The Live API: GPT-Live, which listens and speaks at the same time."""

from dataclasses import replace

from bot.engines.engine import Engine, Wiring, call_policy, first_endpoint
from bot.engines.realtime import RealtimeEngine, fallbacks_for, transcriber_at
from bot.settings import Settings
from processors.events.event import Emit
from processors.live.service import LiveService
from processors.realtime.endpoints import Endpoint
from processors.realtime.transcriber import OnWords, Transcriber
from processors.voice_model import VoiceModel

OPENAI_LIVE_URL = "wss://api.openai.com/v1/live/sessions"


class LiveEngine(Engine):
    """Sessions at one endpoint. Announcements are those that come with the service.

    What operators say is written down by the Realtime API: GPT-Live answers whatever it hears.
    """

    emulator = "emulators.live"
    writer_emulator = "emulators.realtime"

    @staticmethod
    def endpoint(settings: Settings, emulator_url: str | None = None) -> Endpoint:
        """Where the model is: at the configured URL, at the emulator, or at OpenAI."""
        return first_endpoint(
            settings,
            configured_url=settings.openai_live_url,
            vendor_url=OPENAI_LIVE_URL,
            emulator_url=emulator_url,
            model=settings.openai_live_model,
        )

    def transcriber(self, on_words: OnWords, emit: Emit) -> Transcriber | None:
        """In a Realtime session; None where nobody said where there are such."""
        writers = writers_for(self.settings, self.writer_url)
        return transcriber_at(writers, self.settings, on_words, emit)

    def voice_model(self, wiring: Wiring) -> VoiceModel:
        """The call's side of a session."""
        line = wiring.line
        return LiveService(
            wiring.team,
            call_id=wiring.call_id,
            endpoint=replace(self.first, model=wiring.model or self.first.model),
            backend_model=self.settings.openai_live_backend_model,
            policy=call_policy(self.settings, line.channel, wiring.direction),
            tools=wiring.tools,
            playback=wiring.playback,
            emit=wiring.emit,
            sample_rate=line.sample_rate,
            on_end=wiring.on_end,
            on_unavailable=wiring.on_unavailable,
            hold=wiring.hold,
            moderation=self.moderation,
            rtvi=line.rtvi,
        )


ENGINE = LiveEngine


def writers_for(settings: Settings, emulator_url: str | None = None) -> list[Endpoint]:
    """Where operators' words are written down, in order of preference.

    That is the configured Realtime URL, the emulator or OpenAI's, and the fallbacks. A Live server
    at a URL of its own need not have Realtime sessions, and its key is not for OpenAI.
    """
    known = settings.openai_realtime_url or emulator_url or settings.engine == "openai"
    first = [RealtimeEngine.endpoint(settings, emulator_url)] if known else []
    return [*first, *fallbacks_for(settings)]
