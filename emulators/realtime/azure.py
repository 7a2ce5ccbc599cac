"""What an Azure resource adds to the Realtime protocol: who is let in, and to which deployment.

Azure's v1 API speaks the GA protocol at ``/openai/v1/realtime``; the query's ``model`` names a
deployment, a key goes into the ``api-key`` header, and a bearer token is one of Microsoft Entra's
(https://learn.microsoft.com/azure/foundry/openai/how-to/realtime-audio-websockets). Transcription
models, too, are named by their deployment
(https://learn.microsoft.com/azure/foundry/openai/realtime-audio-reference).
"""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from websockets.datastructures import Headers

from emulators.realtime.errors import RealtimeError

PATH = "/openai/v1/realtime"


def refusal(
    headers: Headers, query: dict[str, list[str]], deployments: Collection[str]
) -> tuple[HTTPStatus, dict[str, Any]] | None:
    """Status and body that the gateway answers the upgrade request with; None lets it through."""
    if not _is_authorized(headers):
        return HTTPStatus.UNAUTHORIZED, _error(
            "401", "Access denied due to invalid subscription key or wrong API endpoint."
        )
    if "api-version" in query:
        return HTTPStatus.BAD_REQUEST, _error(
            "BadRequest", "The v1 API takes no dated api-version."
        )
    if query.get("model", [""])[0] not in deployments:
        return HTTPStatus.NOT_FOUND, _error(
            "DeploymentNotFound", "The API deployment for this resource does not exist."
        )
    return None


def check_update(change: dict[str, Any], deployments: Collection[str]) -> None:
    """Looks at a validated ``session`` object for what is otherwise at Azure.

    Raises:
        RealtimeError: The model that transcribes is no deployment.
    """
    transcription = ((change.get("audio") or {}).get("input") or {}).get("transcription") or {}
    model = transcription.get("model")
    if model and model not in deployments:
        raise RealtimeError(
            f"The deployment '{model}' for input audio transcription does not exist.",
            code="DeploymentNotFound",
            param="session.audio.input.transcription.model",
        )


def _is_authorized(headers: Headers) -> bool:
    """A key in its own header, or a JWT as bearer token: a key there is taken for a bad token."""
    if headers.get("api-key", "").strip():
        return True
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    parts = token.strip().split(".")
    return scheme.lower() == "bearer" and len(parts) == 3 and all(parts)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
