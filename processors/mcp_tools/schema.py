"""JSON Schemas of MCP tools, made fit for the function tools of the Realtime API.

MCP allows any JSON Schema as a tool's input. The Realtime API takes a subset, resolves no
references, and refuses the whole session over one tool that it does not like.
"""

from collections.abc import Mapping
from typing import Any

_KEPT = frozenset(
    {
        "description",
        "enum",
        "examples",
        "format",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "default",
    }
)
_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean"})
_DEEPEST = 16
_Schema = dict[str, Any]


def function_parameters(schema: Mapping[str, Any]) -> _Schema:
    """``schema`` as the ``parameters`` of a function tool.

    References are inlined; one that refers to itself ends in its bare type. Alternatives that
    only allow null are dropped, as are titles and every keyword that functions do not have. The
    result is always an object with ``properties``.
    """
    root = _Inliner(schema).clean(schema, (), 0)
    properties, required = root.get("properties", {}), root.get("required", [])
    if options := root.get("anyOf"):
        # Alternatives at the root are refused: any of their properties may be given, and what
        # all of them require must be.
        for option in options:
            properties = {**option.get("properties", {}), **properties}
        required = [
            *required,
            *(
                name
                for name in options[0].get("required", [])
                if all(name in option.get("required", []) for option in options)
            ),
        ]
    parameters: _Schema = {"type": "object", "properties": properties}
    if description := root.get("description"):
        parameters["description"] = description
    if required:
        parameters["required"] = list(dict.fromkeys(required))
    return parameters


class _Inliner:
    """Cleans the parts of one schema document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def clean(self, schema: object, path: tuple[str, ...], depth: int) -> _Schema:
        """The part without what functions do not have.

        Args:
            schema: A part of the document; true and false are schemas as well.
            path: The references that led here.
            depth: How far down the document.
        """
        if not isinstance(schema, Mapping):
            return {}
        path, merged = self._merged(schema, path)
        cleaned = {key: merged[key] for key in merged if key in _KEPT}
        if "const" in merged:
            cleaned["enum"] = [merged["const"]]
        if cleaned.get("default", "") is None:
            del cleaned["default"]
        kind = _kind(merged)
        if kind:
            cleaned["type"] = kind
        if depth >= _DEEPEST:
            return cleaned
        if kind == "object":
            self._clean_object(cleaned, merged, path, depth)
        elif kind == "array":
            cleaned["items"] = self.clean(merged.get("items"), path, depth + 1)
        elif alternatives := self._alternatives(merged, path, depth):
            cleaned["anyOf"] = alternatives
        if "enum" in cleaned:
            cleaned["enum"] = [value for value in cleaned["enum"] if value is not None]
            if not cleaned["enum"]:
                del cleaned["enum"]
        return cleaned

    def _clean_object(
        self, cleaned: _Schema, merged: _Schema, path: tuple[str, ...], depth: int
    ) -> None:
        properties = merged.get("properties")
        properties = properties if isinstance(properties, Mapping) else {}
        cleaned["properties"] = {
            name: self.clean(part, path, depth + 1) for name, part in properties.items()
        }
        required = [name for name in merged.get("required", ()) if name in properties]
        if required:
            cleaned["required"] = list(dict.fromkeys(required))

    def _alternatives(self, merged: _Schema, path: tuple[str, ...], depth: int) -> list[_Schema]:
        options = merged.get("anyOf") or merged.get("oneOf") or ()
        if not options and len(kinds := _kinds(merged)) > 1:
            options = [{"type": kind} for kind in kinds]
        real = (option for option in options if not _is_null(option))
        return [self.clean(option, path, depth + 1) for option in real]

    def _merged(
        self, schema: Mapping[str, Any], path: tuple[str, ...]
    ) -> tuple[tuple[str, ...], _Schema]:
        """The schema with its reference, ``allOf`` and only non-null alternative folded in."""
        merged = dict(schema)
        while True:
            part: object
            if (reference := merged.pop("$ref", None)) is not None:
                if reference in path:
                    kind = _kind(self._lookup(reference))
                    return path, {"type": kind, **_annotations(merged)} if kind else merged
                path = (*path, str(reference))
                part = self._lookup(reference)
            elif parts := merged.pop("allOf", None):
                part = parts[0]
                if len(parts) > 1:
                    merged["allOf"] = parts[1:]
            elif (option := _only_option(merged)) is not None:
                merged.pop("anyOf", None)
                merged.pop("oneOf", None)
                part = option
            else:
                return path, merged
            if isinstance(part, Mapping):
                merged = _fold(part, merged)

    def _lookup(self, reference: object) -> Mapping[str, Any]:
        """What a reference into the document names; nothing for one that leads elsewhere."""
        found: object = self._document
        if not isinstance(reference, str) or not reference.startswith("#"):
            return {}
        for step in reference.removeprefix("#").strip("/").split("/"):
            if not step:
                continue
            key = step.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}


def _fold(part: Mapping[str, Any], merged: _Schema) -> _Schema:
    """Both schemas at once; what stands beside a reference wins over what it refers to."""
    folded = {**part, **merged}
    if isinstance(part.get("properties"), Mapping) and isinstance(
        merged.get("properties"), Mapping
    ):
        folded["properties"] = {**part["properties"], **merged["properties"]}
    if "required" in part and "required" in merged:
        folded["required"] = [*part["required"], *merged["required"]]
    return folded


def _only_option(schema: _Schema) -> Mapping[str, Any] | None:
    """The one alternative that is not null, if there is exactly one."""
    options = schema.get("anyOf") or schema.get("oneOf") or ()
    real = [option for option in options if not _is_null(option)]
    return real[0] if len(real) == 1 and isinstance(real[0], Mapping) else None


def _is_null(schema: object) -> bool:
    return isinstance(schema, Mapping) and (
        schema.get("type") == "null" or ("const" in schema and schema["const"] is None)
    )


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    """The types that the schema declares, without null and unknown ones."""
    declared = schema.get("type")
    return [
        kind for kind in (declared if isinstance(declared, list) else [declared]) if kind in _TYPES
    ]


def _kind(schema: Mapping[str, Any]) -> str | None:
    """The schema's one type, declared or plain from its keywords; None if it has several."""
    kinds = _kinds(schema)
    if kinds:
        return kinds[0] if len(kinds) == 1 else None
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else None


def _annotations(schema: Mapping[str, Any]) -> _Schema:
    return {key: schema[key] for key in ("description", "examples") if key in schema}
