"""Checks a server event against the ``openai`` package's types, strictly.

The package's models take anything (``extra="allow"``, lax types). Here each of them is rebuilt
with pydantic's strict mode and without extra fields, so that a misspelled field or a number as a
string fails a test.
"""

from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Union, get_args, get_origin

from openai.types import realtime as wire
from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import BaseModel, ConfigDict, Field, create_model

# The session in session.created and session.updated has an identity that the package's type for
# those events lacks; RealtimeSessionCreateResponse, for the same object elsewhere, has it.
_SESSION_EXTRAS = ("id", "object", "expires_at")


def parse_strictly(event: dict[str, Any]) -> BaseModel:
    """Raises ``pydantic.ValidationError`` for an event that the package does not know."""
    return _models()[event["type"]].model_validate(event)


def known_types() -> set[str]:
    return set(_models())


@cache
def _models() -> dict[str, type[BaseModel]]:
    union = get_args(RealtimeServerEvent)[0]
    models = {}
    for model in get_args(union):
        name = get_args(model.model_fields["type"].annotation)[0]
        models[name] = _with_session(model) if name.startswith("session.") else _strict(model)
    return models


def _with_session(model: type[BaseModel]) -> type[BaseModel]:
    identity = wire.RealtimeSessionCreateResponse.model_fields
    extras = {name: (identity[name].annotation, ...) for name in _SESSION_EXTRAS}
    session = create_model("Session", __base__=_strict(wire.RealtimeSessionCreateRequest), **extras)
    return create_model(model.__name__, __base__=_strict(model), session=(session, ...))


@cache
def _strict(model: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        default = ... if field.is_required() else field.default
        fields[name] = (_rebuild(field.annotation), Field(default, alias=field.alias))
    config = ConfigDict(extra="forbid", strict=True)
    return create_model(model.__name__, __config__=config, **fields)


def _rebuild(annotation: Any) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _rebuild(arguments[0])
    if origin is Union:
        return reduce(or_, (_rebuild(argument) for argument in arguments))
    if origin in (list, dict):
        return origin[tuple(_rebuild(argument) for argument in arguments)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _strict(annotation)
    return annotation
