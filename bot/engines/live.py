"""The Live API: GPT-Live, which listens and speaks at the same time."""

from dataclasses import replace

from bot.engines.engine import Engine, Wiring, call_policy, first_endpoint
from bot.settings import Settings
from processors.live.service import LiveService
from processors.realtime.endpoints import Endpoint
from processors.voice_model import VoiceModel

OPENAI_LIVE_URL = "wss://api.openai.com/v1/live/sessions"


class LiveEngine(Engine):
    """Sessions at one endpoint. Announcements are those that come with the service."""

    emulator = "emulators.live"

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
            rtvi=line.rtvi,
        )


ENGINE = LiveEngine
