"""Schemas of MCP tools as function parameters."""

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from processors.mcp_tools.schema import function_parameters


def of(part, **definitions):
    """What becomes of one property."""
    schema = {"type": "object", "properties": {"x": part}, "$defs": definitions}
    return function_parameters(schema)["properties"]["x"]


class Address(BaseModel):
    """Where somebody lives."""

    street: str
    country: Literal["DE", "FR"] = "DE"


class Node(BaseModel):
    label: str
    children: list["Node"] = []


class Order(BaseModel):
    to: Address
    second: Annotated[Address | None, Field(description="Another one")] = None
    tree: Node | None = None
    count: Annotated[int, Field(ge=1, le=9)] = 1


def test_a_pydantic_schema_is_inlined_whole():
    assert function_parameters(Order.model_json_schema()) == {
        "type": "object",
        "properties": {
            "to": {
                "type": "object",
                "description": "Where somebody lives.",
                "properties": {
                    "street": {"type": "string"},
                    "country": {"type": "string", "enum": ["DE", "FR"], "default": "DE"},
                },
                "required": ["street"],
            },
            "second": {
                "type": "object",
                "description": "Another one",
                "properties": {
                    "street": {"type": "string"},
                    "country": {"type": "string", "enum": ["DE", "FR"], "default": "DE"},
                },
                "required": ["street"],
            },
            "tree": {
                "type": "object",
                "properties": {
                    "label": {"type": "string"},
                    "children": {
                        "type": "array",
                        "default": [],
                        "items": {"type": "object", "properties": {}},
                    },
                },
                "required": ["label"],
            },
            "count": {"type": "integer", "default": 1, "minimum": 1, "maximum": 9},
        },
        "required": ["to"],
    }


@pytest.mark.parametrize(
    ("part", "becomes"),
    [
        ({"type": ["string", "null"], "title": "X"}, {"type": "string"}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}], "default": None}, {"type": "integer"}),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string"}),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        ),
        ({"enum": ["a", None], "type": ["string", "null"]}, {"enum": ["a"], "type": "string"}),
        ({"const": 5}, {"enum": [5]}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "array", "prefixItems": [{"type": "string"}]}, {"type": "array", "items": {}}),
        ({"properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}),
        (
            {"type": "object", "properties": {"title": {"type": "string", "title": "Title"}}},
            {"type": "object", "properties": {"title": {"type": "string"}}},
        ),
        ({"allOf": [{"type": "string"}, {"minLength": 2}]}, {"type": "string", "minLength": 2}),
        (
            {
                "allOf": [
                    {"type": "object", "properties": {"a": {}}, "required": ["a"]},
                    {"properties": {"b": {}}, "required": ["b"]},
                ]
            },
            {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["b", "a"]},
        ),
        (
            {"type": "string", "x-secret": 1, "contentEncoding": "base64", "format": "date"},
            {"type": "string", "format": "date"},
        ),
        (True, {}),
        (False, {}),
        ({"$ref": "https://example.com/other.json"}, {}),
        ({"$ref": "#/$defs/missing", "description": "why"}, {"description": "why"}),
        (
            {"type": "object", "properties": {}, "required": ["ghost"]},
            {"type": "object", "properties": {}},
        ),
    ],
)
def test_a_part_becomes_what_functions_understand(part, becomes):
    assert of(part) == becomes


def test_what_stands_beside_a_reference_wins():
    city = {"type": "string", "description": "A city", "title": "City"}
    assert of({"$ref": "#/$defs/City", "description": "Where to"}, City=city) == {
        "type": "string",
        "description": "Where to",
    }


def test_old_definitions_and_escaped_names_are_found():
    schema = {
        "properties": {"x": {"$ref": "#/definitions/a~1b"}},
        "definitions": {"a/b": {"type": "boolean"}},
    }
    assert function_parameters(schema)["properties"] == {"x": {"type": "boolean"}}


def test_references_in_a_circle_end():
    schema = {
        "$ref": "#/$defs/A",
        "$defs": {
            "A": {"type": "object", "properties": {"b": {"$ref": "#/$defs/B"}}},
            "B": {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]},
        },
    }
    assert function_parameters(schema)["properties"]["b"]["anyOf"][0]["type"] == "object"
    itself = {"properties": {"x": {"$ref": "#/properties/x"}}}
    assert function_parameters(itself)["properties"] == {"x": {}}


def test_the_root_is_always_an_object_without_alternatives():
    nothing = {"type": "object", "properties": {}}
    assert function_parameters({}) == nothing
    assert function_parameters({"type": "string"}) == nothing
    either = {
        "anyOf": [
            {"properties": {"id": {}, "day": {}}, "required": ["id", "day"]},
            {"properties": {"name": {}, "day": {}}, "required": ["day"]},
        ]
    }
    parameters = function_parameters(either)
    assert set(parameters["properties"]) == {"id", "day", "name"}
    assert parameters["required"] == ["day"]


def test_the_server_s_own_schema_is_left_as_it_was():
    schema = Order.model_json_schema()
    before = repr(schema)
    function_parameters(schema)
    assert repr(schema) == before


_names = st.sampled_from(["a", "b", "title", "$ref"])
_leaves = st.sampled_from([{}, True, {"type": "string"}, {"type": ["null", "integer"]}, None, 3])
_refs = st.sampled_from(["#", "#/$defs/A", "#/$defs/B", "#/nowhere", "other.json"])
_schemas = st.recursive(
    _leaves | st.fixed_dictionaries({"$ref": _refs}),
    lambda part: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string", "null", ["object", "null"]]),
            "properties": st.dictionaries(_names, part, max_size=2),
            "items": part,
            "anyOf": st.lists(part, max_size=3),
            "allOf": st.lists(part, min_size=1, max_size=2),
            "required": st.lists(_names, max_size=2),
        },
    ),
    max_leaves=8,
)


@given(root=_schemas, a=_schemas, b=_schemas)
def test_whatever_a_server_sends_the_result_is_a_valid_schema_without_references(root, a, b):
    root = root if isinstance(root, dict) else {}
    parameters = function_parameters({**root, "$defs": {"A": a, "B": b}})
    Draft202012Validator.check_schema(parameters)
    assert parameters["type"] == "object"

    def look(part):
        assert "$ref" not in part
        assert part.get("type") != "null"
        for inner in part.get("properties", {}).values():
            look(inner)
        for inner in (part.get("items"), *part.get("anyOf", ())):
            if inner is not None:
                look(inner)

    look(parameters)
