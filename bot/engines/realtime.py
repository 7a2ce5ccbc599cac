"""The Realtime API: OpenAI's, Azure's, the emulator's, or any server's that speaks it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.engines.engine import (
    Engine,
    Wiring,
    belongs_to,
    call_policy,
    first_endpoint,
    keyed,
)
from bot.settings import Settings
from processors.events.event import Emit
from processors.moderation import Moderation
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import Retention, SemanticVad, ServerVad, SessionOptions
from processors.realtime.service import RealtimeService
from processors.realtime.transcriber import OnWords, Transcriber
from processors.text_mode.chat import ChatEndpoint
from processors.voice_model import VoiceModel

OPENAI_REALTIME_URL = "wss://api.openai.com/v1/realtime"


class RealtimeEngine(Engine):
    """Sessions at the first endpoint that can be had of a list."""

    emulator = "emulators.realtime"

    def __init__(
        self,
        settings: Settings,
        endpoint: Endpoint,
        chat: ChatEndpoint | None = None,
        moderation: Moderation | None = None,
        writer_url: str | None = None,
    ) -> None:
        super().__init__(settings, endpoint, chat, moderation, writer_url)
        self.recorders = [endpoint, *fallbacks_for(settings)]

    @staticmethod
    def endpoint(settings: Settings, emulator_url: str | None = None) -> Endpoint:
        """Where the model is: at the configured URL, at the emulator, or at OpenAI."""
        return first_endpoint(
            settings,
            configured_url=settings.openai_realtime_url,
            vendor_url=OPENAI_REALTIME_URL,
            emulator_url=emulator_url,
            model=settings.openai_realtime_model,
        )

    def transcriber(self, on_words: OnWords, emit: Emit) -> Transcriber | None:
        """In a session of its own where calls have theirs; None without a model that writes."""
        return transcriber_at(self.recorders, self.settings, on_words, emit)

    def voice_model(self, wiring: Wiring) -> VoiceModel:
        """The call's side of a session, with all that keeps the call going."""
        line = wiring.line
        return RealtimeService(
            wiring.team,
            call_id=wiring.call_id,
            endpoints=[replace(each, model=wiring.model or each.model) for each in self.recorders],
            options=session_options(self.settings),
            policy=call_policy(self.settings, line.channel, wiring.direction),
            chat=self.chat if line.rtvi else None,
            moderation=self.moderation,
            tools=wiring.tools,
            playback=wiring.playback,
            emit=wiring.emit,
            sample_rate=line.sample_rate,
            on_end=wiring.on_end,
            on_unavailable=wiring.on_unavailable,
            hold=wiring.hold,
            rtvi=line.rtvi,
        )


ENGINE = RealtimeEngine


def transcriber_at(
    endpoints: Sequence[Endpoint], settings: Settings, on_words: OnWords, emit: Emit
) -> Transcriber | None:
    """Writes down what an operator says; None without an endpoint, or without a model that writes.

    Args:
        endpoints: Where Realtime sessions are, in order of preference.
        settings: How sessions behave.
        on_words: Told of words.
        emit: Takes what they cost.
    """
    options = session_options(settings)
    if not endpoints or options.transcription_model is None:
        return None
    return Transcriber(endpoints, options, on_words, emit)


def fallbacks_for(settings: Settings) -> list[Endpoint]:
    """Where the model is as well, in order of preference.

    OpenAI's key goes nowhere but to OpenAI, unless it is listed for there.
    """
    own = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    listed = {
        key.name: key.key.get_secret_value() for key in settings.openai_realtime_fallback_keys
    }
    return [
        keyed(
            settings,
            fallback.name,
            fallback.url,
            listed.get(fallback.name, own if belongs_to(fallback.host, "openai.com") else ""),
            settings.openai_realtime_model,
        )
        for fallback in settings.openai_realtime_fallbacks
    ]


def session_options(settings: Settings) -> SessionOptions:
    """How sessions with the model behave, by the settings."""
    turns = (
        SemanticVad(eagerness=settings.vad_eagerness)
        if settings.vad_type == "semantic_vad"
        else ServerVad(
            threshold=settings.vad_threshold,
            prefix_padding_ms=settings.vad_prefix_padding_ms,
            silence_duration_ms=settings.vad_silence_duration_ms,
        )
    )
    ratio = settings.realtime_retention_ratio
    return SessionOptions(
        turn_detection=turns,
        transcription_model=settings.openai_realtime_transcription_model,
        reasoning_effort=settings.realtime_reasoning_effort,
        truncation="auto" if ratio is None else Retention(ratio=ratio),
    )
