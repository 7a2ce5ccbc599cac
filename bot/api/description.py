"""The OpenAPI document: what FastAPI reads from the routes, and what middleware adds to each.

Every status that a route can answer with is listed, so that there is no ``default`` behind which
an unforeseen one could hide; errors are problem documents.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from bot.api.limits import UNLIMITED
from bot.api.problems import MEDIA_TYPE, ProblemDocument

REF = "#/components/schemas/{model}"
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="ProblemDocument")}}}

SECONDS = {"schema": {"type": "integer", "minimum": 0}}
HEADERS: dict[str, dict[str, Any]] = {
    "401": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    "429": {"Retry-After": {"required": True, **SECONDS}},
    "503": {"Retry-After": SECONDS},
}
"""What errors say besides, by status."""

DETAILS = {
    "400": "The body can't be read",
    "401": "No valid key or session",
    "403": "A key without the scope, or another site's page",
    "408": "The body takes too long",
    "413": "The body is too big",
    "422": "Fields are missing, of the wrong kind, or out of range",
    "429": "Too many requests",
    "500": "A defect of the service; its log has the details",
}


def describe_fully(app: FastAPI) -> None:
    """Makes ``app.openapi()`` list every status, with its document and headers."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            document = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version=app.openapi_version,
                description=app.description or None,
                routes=app.routes,
                webhooks=app.webhooks.routes,
            )
            app.openapi_schema = _completed(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    schemas["ProblemDocument"] = ProblemDocument.model_json_schema(ref_template=REF)
    schemas.update(schemas["ProblemDocument"].pop("$defs"))
    for operations in document.get("webhooks", {}).values():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # Whoever receives them answers as they like
    for path, operations in document.get("paths", {}).items():
        for operation in operations.values():
            _complete(path, operation)
    return document


def _complete(path: str, operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    responses.pop("422", None)  # FastAPI's own, which nothing here answers with
    possible = ["500"]
    if operation.get("security"):
        possible += ["401", "403"]
    if "requestBody" in operation:
        possible += ["400", "408", "413"]
    if "requestBody" in operation or operation.get("parameters"):
        possible += ["422"]
    if not path.startswith(UNLIMITED):
        possible += ["429"]
    for status in possible:
        responses.setdefault(status, {"description": DETAILS[status]})
    for status, response in responses.items():
        if status[0] in "45":
            response.setdefault("content", PROBLEM)
        for name, header in HEADERS.get(status, {}).items():
            response.setdefault("headers", {}).setdefault(name, header)
    operation["responses"] = dict(sorted(responses.items()))
    for parameter in operation.get("parameters", ()):
        _drop_null(parameter["schema"])


def _drop_null(schema: dict[str, Any]) -> None:
    """A parameter can be left out; there is no way to write null in an address or a header."""
    choices = schema.get("anyOf", ())
    if {"type": "null"} not in choices:
        return
    left = [choice for choice in choices if choice != {"type": "null"}]
    if len(left) == 1:
        del schema["anyOf"]
        schema.update(left[0])
    else:
        schema["anyOf"] = left
