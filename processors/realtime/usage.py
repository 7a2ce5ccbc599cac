"""What a response, or a transcript, was billed for."""

from collections.abc import Mapping
from typing import Any

from processors.events.figures import Usage
from processors.realtime.server_events import CallerText, ResponseDone


def usage_of(response: ResponseDone, model: str) -> Usage | None:
    """The token counts of a response as an event; None when it states none."""
    if not response.usage:
        return None
    given = _details(response.usage, "input_token_details")
    made = _details(response.usage, "output_token_details")
    cached = _details(given, "cached_tokens_details")
    return Usage(
        response_id=response.response_id,
        model=model,
        input_text_tokens=given.get("text_tokens") or 0,
        input_audio_tokens=given.get("audio_tokens") or 0,
        cached_tokens=given.get("cached_tokens") or 0,
        cached_audio_tokens=cached.get("audio_tokens") or 0,
        output_text_tokens=made.get("text_tokens") or 0,
        output_audio_tokens=made.get("audio_tokens") or 0,
    )


def transcription_usage_of(transcript: CallerText, model: str) -> Usage | None:
    """What a transcript was billed for; None when it does not say.

    By tokens or by duration, which depends on the model:
    https://platform.openai.com/docs/api-reference/realtime-server-events/conversation/item/input_audio_transcription/completed
    """
    usage = transcript.usage
    seconds = usage.get("seconds")
    if usage.get("type") == "duration" and isinstance(seconds, int | float):
        return Usage(response_id=transcript.item_id, model=model, audio_s=seconds)
    if usage.get("type") != "tokens":
        return None
    given = _details(usage, "input_token_details")
    return Usage(
        response_id=transcript.item_id,
        model=model,
        input_text_tokens=given.get("text_tokens") or 0,
        input_audio_tokens=given.get("audio_tokens") or 0,
        output_text_tokens=usage.get("output_tokens") or 0,
    )


def _details(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    details = usage.get(name)
    return details if isinstance(details, Mapping) else {}
