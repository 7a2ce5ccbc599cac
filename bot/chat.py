"""Which model writes when none can speak, and which one is asked about what agents say."""

from loguru import logger

from bot.settings import Settings
from processors.moderation import ModerationEndpoint
from processors.text_mode.chat import ChatEndpoint

OPENAI_URL = "https://api.openai.com/v1"


def chat_for(settings: Settings, emulator_url: str | None = None) -> ChatEndpoint | None:
    """Where chat completions are: at the configured URL, at the emulator, or at OpenAI.

    None where nobody said: a Realtime server at a URL of its own need not have them. OpenAI's key
    goes nowhere but to OpenAI.
    """
    openai_key, chat_key = (
        key.get_secret_value() if key else ""
        for key in (settings.openai_api_key, settings.openai_chat_key)
    )
    model = settings.openai_chat_model
    if settings.openai_chat_url:
        is_openais = settings.openai_chat_url == OPENAI_URL
        key = chat_key or (openai_key if is_openais else "")
        return ChatEndpoint("chat", settings.openai_chat_url, key, model)
    match settings.engine:
        case "openai":
            return ChatEndpoint("openai", OPENAI_URL, chat_key or openai_key, model)
        case "emulator" if emulator_url:
            return ChatEndpoint("emulator", emulator_url, "none", model)
        case _:
            return None


def moderation_for(settings: Settings, chat: ChatEndpoint | None) -> ModerationEndpoint | None:
    """Where moderations are: at the configured URL, or where chat completions are.

    None where no model is set, or nobody said where it is.
    """
    if settings.moderation_model is None:
        return None
    own = settings.moderation_key.get_secret_value() if settings.moderation_key else ""
    if url := settings.moderation_url:
        openai_key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
        key = own or (openai_key if url == OPENAI_URL else "")
        return ModerationEndpoint(url, key, settings.moderation_model)
    if chat:
        return ModerationEndpoint(chat.url, own or chat.api_key, settings.moderation_model)
    logger.warning("MODERATION_MODEL has no effect: set MODERATION_URL to where it is")
    return None
