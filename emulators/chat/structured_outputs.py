"""Which JSON Schemas an answer can be held to, with the vendor's refusals.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas. References
(``$ref``) are refused as well, which the service would follow.
"""

from collections.abc import Mapping
from typing import Any

from emulators.chat.errors import ApiError

MAX_DEPTH = 10
MAX_PROPERTIES = 5000
MAX_ENUM_VALUES = 1000
TYPES = frozenset({"string", "number", "boolean", "integer", "object", "array", "null"})
KEYWORDS = frozenset(
    {
        *("type", "enum", "const", "anyOf", "title", "description"),
        *("properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
        *("pattern", "format", "multipleOf"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    }
)
FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)


def check_schema(name: str, schema: Mapping[str, Any]) -> None:
    """Raises `ApiError` for a schema that a strict answer can't be held to."""
    if schema.get("type") != "object" or "anyOf" in schema:
        raise _refusal(
            name,
            (),
            f"schema must be a JSON Schema of 'type: \"object\"', got "
            f"'type: \"{schema.get('type')}\"'.",
        )
    counted = _check(name, schema, ())
    if counted > MAX_PROPERTIES:
        raise _refusal(name, (), f"the schema has {counted} properties, more than allowed.")


def _check(name: str, schema: Any, path: tuple[str, ...]) -> int:
    """Checks a schema and what is in it; how many properties there are."""
    if not isinstance(schema, Mapping):
        raise _refusal(name, path, "a schema has to be an object.")
    if sum(step == "properties" for step in path) >= MAX_DEPTH:
        raise _refusal(name, path, f"the schema is nested more than {MAX_DEPTH} levels deep.")
    for keyword in schema:
        if keyword not in KEYWORDS:
            raise _refusal(name, path, f"'{keyword}' is not permitted.")
    _check_values(name, schema, path)
    counted = sum(_check(name, each, (*path, "anyOf")) for each in schema.get("anyOf", ()))
    kinds = _types(schema)
    if "object" in kinds:
        counted += _check_object(name, schema, path)
    if "array" in kinds:
        if "items" not in schema:
            raise _refusal(name, path, "array schema missing items.")
        counted += _check(name, schema["items"], (*path, "items"))
    return counted


def _check_values(name: str, schema: Mapping[str, Any], path: tuple[str, ...]) -> None:
    kinds = _types(schema)
    if not kinds and not {"anyOf", "enum", "const"} & set(schema):
        raise _refusal(name, path, "schema must have a 'type' key.")
    if unknown := [kind for kind in kinds if kind not in TYPES]:
        raise _refusal(name, path, f"'{unknown[0]}' is not valid under any of the given schemas.")
    if len(schema.get("enum", ())) > MAX_ENUM_VALUES:
        raise _refusal(name, path, "enum has too many values.")
    if schema.get("format", "date") not in FORMATS:
        raise _refusal(name, path, f"'{schema['format']}' is not a supported format.")


def _check_object(name: str, schema: Mapping[str, Any], path: tuple[str, ...]) -> int:
    if schema.get("additionalProperties") is not False:
        raise _refusal(
            name, path, "'additionalProperties' is required to be supplied and to be false."
        )
    properties = schema.get("properties") or {}
    missing = [each for each in properties if each not in (schema.get("required") or ())]
    if missing:
        raise _refusal(
            name,
            path,
            "'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{missing[0]}'.",
        )
    inner = (_check(name, each, (*path, "properties", key)) for key, each in properties.items())
    return len(properties) + sum(inner)


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type")
    return [kind] if isinstance(kind, str) else list(kind or ())


def _refusal(name: str, path: tuple[str, ...], why: str) -> ApiError:
    where = ", ".join(f"'{step}'" for step in path)
    return ApiError(
        f"Invalid schema for response_format '{name}': In context=({where}), {why}",
        param="response_format",
    )
