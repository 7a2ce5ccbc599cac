"""Which model writes when none can speak."""

from bot.settings import Settings
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
