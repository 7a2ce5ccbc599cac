"""What a response was billed for."""

from collections.abc import Mapping
from typing import Any

from processors.events import Usage
from processors.realtime.server_events import ResponseDone


def usage_of(response: ResponseDone, model: str) -> Usage | None:
    """The token counts of a response as an event; None when it states none."""
    if not response.usage:
        return None
    given = _details(response.usage, "input_token_details")
    made = _details(response.usage, "output_token_details")
    return Usage(
        response_id=response.response_id,
        model=model,
        input_text_tokens=given.get("text_tokens") or 0,
        input_audio_tokens=given.get("audio_tokens") or 0,
        cached_tokens=given.get("cached_tokens") or 0,
        output_text_tokens=made.get("text_tokens") or 0,
        output_audio_tokens=made.get("audio_tokens") or 0,
    )


def _details(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    details = usage.get(name)
    return details if isinstance(details, Mapping) else {}
