"""The form that a model fills in about a call, as a schema that it can be held to.

Structured outputs take a part of JSON Schema only, and every property has to be required: what need
not be known is made nullable. https://platform.openai.com/docs/guides/structured-outputs
"""

from collections.abc import Mapping
from typing import Any, get_args

from jsonschema import Draft202012Validator
from loguru import logger

from processors.events.outcome import Outcome

Schema = Mapping[str, Any]

OUTCOMES = get_args(Outcome)

_KEPT = frozenset(
    {
        *("type", "enum", "const", "description", "pattern", "multipleOf"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"),
    }
)
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)


def form_of(data_schema: Schema | None) -> dict[str, Any]:
    """The schema of the whole form, with a team's data in it if it wants any."""
    properties: dict[str, Any] = {
        "summary": {
            "type": "string",
            "description": "Two to four sentences for a colleague: who called (or was called), "
            "what for, what was done, what is open.",
        },
        "intent": {"type": "string", "description": "What it was about, in two to six words."},
        "outcome": {
            "type": "string",
            "enum": list(OUTCOMES),
            "description": "resolved: what the call was for was done. follow_up: somebody has "
            "to do something yet. transferred: to a person. declined: they did not want it. "
            "wrong_number: we had the wrong person. unclear: nothing can be said.",
        },
    }
    if data_schema and data_schema.get("properties"):
        properties["data"] = _object(data_schema)
    return _closed(properties)


def known_data(answer: Mapping[str, Any], data_schema: Schema | None) -> dict[str, Any]:
    """What a filled-in form knows, without nulls and without what the team's schema refuses."""
    properties: Mapping[str, Any] = (data_schema or {}).get("properties") or {}
    given = _without_nulls(answer.get("data") or {})
    data = {}
    for name, value in given.items():
        checker = Draft202012Validator(
            properties.get(name, False), format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        if checker.is_valid(value):
            data[name] = value
        else:
            logger.debug("{} of the data is not what the schema wants", name)
    return data


def _strict(schema: Schema) -> dict[str, Any]:
    """A schema with only what structured outputs take."""
    kept = {name: value for name, value in schema.items() if name in _KEPT}
    if schema.get("format") in _FORMATS:
        kept["format"] = schema["format"]
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            kept["anyOf"] = [_strict(each) for each in schema[choices]]
    if schema.get("type") == "object":
        return {**kept, **_object(schema)}
    if schema.get("type") == "array":
        kept["items"] = _strict(schema.get("items") or {"type": "string"})
    return kept


def _object(schema: Schema) -> dict[str, Any]:
    properties: Mapping[str, Schema] = schema.get("properties") or {}
    return _closed({name: _nullable(_strict(each)) for name, each in properties.items()})


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if not isinstance(kind, str) or kind == "object":
        description = {"description": schema["description"]} if "description" in schema else {}
        return {"anyOf": [schema, {"type": "null"}], **description}
    nullable = {**schema, "type": [kind, "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return value
