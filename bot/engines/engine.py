"""What makes the voice models of a process's calls, and what each of them is given."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar
from urllib.parse import urlsplit

from agents import Team
from bot.plan import Direction
from bot.settings import Settings
from bot.token_command import TokenCommand
from bot.transports.line import Channel, Line
from processors.events.event import Emit
from processors.moderation import Moderation
from processors.playback import Playback
from processors.realtime.announcements import Clip
from processors.realtime.endpoints import Endpoint
from processors.realtime.policy import CallPolicy
from processors.realtime.toolbox import ToolSource
from processors.realtime.transcriber import OnWords, Transcriber
from processors.text_mode.chat import ChatEndpoint
from processors.voice_model import VoiceModel

AZURE_DOMAINS = ("azure.com", "azure.us", "azure.cn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What a call's voice model is connected to, whichever engine makes it.

    Attributes:
        team: Whose first agent answers.
        call_id: Of the call, for tool calls.
        line: How the caller is connected; the model speaks at its sample rate.
        model: A model that the call asks for by name, instead of the engine's own.
        tools: An agent's tools, asked whenever an agent gets the caller. Transfers and experts are
            added by the voice model.
        direction: Who called whom.
        playback: The call's; the line reports to it what was heard.
        emit: Takes the call's events.
        on_end: Told once, with the reason, when an agent ended the call and its goodbye was heard.
        on_unavailable: Told once, with the reason, when nothing can serve the call any more.
        hold: The recorded line for a caller who waits in silence, at the line's sample rate.
    """

    team: Team
    call_id: str
    line: Line
    model: str | None
    tools: ToolSource
    playback: Playback
    emit: Emit
    on_end: Callable[[str], Awaitable[None]]
    on_unavailable: Callable[[str], Awaitable[None]]
    hold: Callable[[], Clip]
    direction: Direction = "inbound"


class Engine(ABC):
    """One way to reach a model. A new one is a module of this package that names it ``ENGINE``.

    Attributes:
        emulator: The module that is started as a child where nothing says where a model is.
        writer_emulator: A module that is started besides, where the emulator can't write down what
            operators say.
        recorders: Where announcements are made ahead of time; without any the shipped ones play.
    """

    emulator: ClassVar[str]
    writer_emulator: ClassVar[str | None] = None
    recorders: Sequence[Endpoint] = ()

    def __init__(
        self,
        settings: Settings,
        endpoint: Endpoint,
        chat: ChatEndpoint | None = None,
        moderation: Moderation | None = None,
        writer_url: str | None = None,
    ) -> None:
        """Takes what `endpoint` made of the settings.

        Args:
            settings: Of the service.
            endpoint: The first choice; others are up to the settings.
            chat: Where calls from a browser may go on in writing when no endpoint serves.
            moderation: Asked about what agents say.
            writer_url: Where the ``writer_emulator`` serves, if it was started.
        """
        self.settings = settings
        self.first = endpoint
        self.chat = chat
        self.moderation = moderation
        self.writer_url = writer_url

    @staticmethod
    @abstractmethod
    def endpoint(settings: Settings, emulator_url: str | None = None) -> Endpoint:
        """Where the model is: at the configured URL, at the emulator, or at the vendor."""

    def transcriber(self, on_words: OnWords, emit: Emit) -> Transcriber | None:
        """Begins to write down what an operator says in a call; None where nothing can."""
        return None

    @abstractmethod
    def voice_model(self, wiring: Wiring) -> VoiceModel:
        """The model for one call, not running yet."""


def first_endpoint(
    settings: Settings,
    *,
    configured_url: str | None,
    vendor_url: str,
    emulator_url: str | None,
    model: str,
) -> Endpoint:
    """The first choice among the three places where a model can be."""
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    url = configured_url or vendor_url
    if settings.engine == "emulator" and emulator_url:
        # It insists on a key, as the real one does, and takes any.
        url, key = emulator_url, "none"
    return keyed(settings, settings.engine, url, key, model)


def keyed(settings: Settings, name: str, url: str, key: str, model: str) -> Endpoint:
    """An endpoint that is shown ``key`` in the way that its host wants it.

    Azure takes a resource's key in a header of its own; a bearer token is Entra's there.
    """
    if not is_azure(url):
        return Endpoint(name, url, key, model)
    if settings.azure_token_command:
        return Endpoint(name, url, "", model, token=_tokens(settings.azure_token_command))
    return Endpoint(name, url, "", model, headers={"api-key": key} if key else {})


def is_azure(url: str) -> bool:
    """Whether Azure serves there, by its domains or, behind a gateway, by its paths."""
    parts = urlsplit(url)
    return belongs_to(parts.hostname or "", *AZURE_DOMAINS) or parts.path.startswith("/openai/")


@cache
def _tokens(command: str) -> TokenCommand:
    return TokenCommand(command)


def belongs_to(host: str, *domains: str) -> bool:
    """Whether ``host`` is one of ``domains`` or below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def call_policy(
    settings: Settings, channel: Channel, direction: Direction = "inbound"
) -> CallPolicy:
    """What is done to keep a call of this kind going, by the settings."""
    kinds = settings.resume_after_noise
    is_placed = direction == "outbound"
    return CallPolicy(
        session_s=settings.realtime_session_minutes * 60,
        hold_s=settings.hold_line_after_s or None,
        idle_s=settings.caller_idle_s or None,
        answer_s=settings.answer_timeout_s or None,
        history_tokens=settings.realtime_history_tokens,
        is_placed=is_placed,
        first_words_s=(settings.outbound_first_words_s or None) if is_placed else None,
        resumes=kinds == "always" or kinds == channel,
        permitted_servers=frozenset(settings.permitted_mcp_servers),
        remote_tool_s=settings.tool_timeout_s,
    )
