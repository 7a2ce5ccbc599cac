"""``/v1/moderations``: by a few words in the place of a model, with the vendor's categories.

The API: https://platform.openai.com/docs/api-reference/moderations
"""

import re
from collections.abc import Sequence
from typing import Any

from emulators.chat.errors import ApiError, unknown_model
from emulators.realtime.ids import new_id

MODELS = ("omni-moderation-", "text-moderation-")
"""How the names of moderation models begin."""

MEETS = {
    "harassment": r"idiots?|stupid|shut up",
    "harassment/threatening": r"you will regret",
    "hate": r"vermin",
    "hate/threatening": r"exterminate them",
    "illicit": r"launder(ing)? money|pick a lock",
    "illicit/violent": r"build a bomb",
    "self-harm": r"hurt(ing)? yourself",
    "self-harm/instructions": r"how to hurt yourself",
    "self-harm/intent": r"hurt myself",
    "sexual": r"naked",
    "sexual/minors": r"naked child(ren)?",
    "violence": r"kill(ed|ing)?|murder|stab(bed)?",
    "violence/graphic": r"torn apart",
}
"""What falls under each category here; a model knows far more."""


def moderations(body: object) -> dict[str, Any]:
    """The answer to a request; raises `ApiError` for one that the service would not take."""
    if not isinstance(body, dict):
        raise ApiError("We could not parse the JSON body of your request.")
    model = body.get("model", "omni-moderation-latest")
    if not isinstance(model, str) or not model.startswith(MODELS):
        raise unknown_model(str(model))
    results = [_result(text) for text in _texts(body.get("input"))]
    return {"id": new_id("modr"), "model": model, "results": results}


def _texts(given: object) -> Sequence[str]:
    """A text, a list of texts, or a list of parts, which are judged together."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and given:
        if all(isinstance(each, str) for each in given):
            return given
        parts = [each.get("text") for each in given if isinstance(each, dict)]
        if len(parts) == len(given) and all(isinstance(part, str) for part in parts):
            return [" ".join(map(str, parts))]
    raise ApiError("Invalid type for 'input': expected a string or an array.", param="input")


def _result(text: str) -> dict[str, Any]:
    met = {
        name: bool(re.search(rf"\b(?:{words})\b", text, re.IGNORECASE))
        for name, words in MEETS.items()
    }
    return {
        "flagged": any(met.values()),
        "categories": met,
        "category_scores": {name: 0.98 if is_met else 0.0001 for name, is_met in met.items()},
        "category_applied_input_types": {name: ["text"] for name in met},
    }
