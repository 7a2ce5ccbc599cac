"""Strict checking of a value against one of the ``openai`` package's types.

The package's own models accept unknown fields and wrong types, the service does not: it names
the first offending parameter by its path. This walks the same annotations and raises what the
service answers.
"""

import types
import typing
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from emulators.realtime.errors import RealtimeError, invalid_value

_NAMES: dict[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def check(value: Any, annotation: Any, path: str) -> None:
    """Raises :class:`RealtimeError` for the first thing in ``value`` that is not as annotated.

    Args:
        value: Parsed JSON.
        annotation: A type of the ``openai`` package: models, unions, literals, lists, scalars.
        path: The parameter's path so far, such as ``session.audio``; empty for an event itself.
    """
    if get_origin(annotation) is typing.Annotated:
        annotation = get_args(annotation)[0]
    origin = get_origin(annotation)
    if annotation in (Any, object):
        return
    if origin in (Union, types.UnionType):
        _check_union(value, [_bare(option) for option in get_args(annotation)], path)
    elif origin is Literal:
        _check_literal(value, get_args(annotation), path)
    elif origin is list:
        _expect(value, list, path)
        for index, entry in enumerate(value):
            check(entry, get_args(annotation)[0], f"{path}[{index}]")
    elif origin is dict:
        _expect(value, dict, path)
        for key, entry in value.items():
            check(entry, get_args(annotation)[1], f"{path}.{key}")
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        _check_model(value, annotation, path)
    else:
        _expect(value, annotation, path)


def missing(path: str) -> RealtimeError:
    """A required parameter that is not there."""
    return RealtimeError(
        f"Missing required parameter: '{path}'.", code="missing_required_parameter", param=path
    )


def wrong_type(value: Any, expected: str, path: str) -> RealtimeError:
    """A value of another type; ``expected`` is such as ``a string``."""
    got = _NAMES.get(type(value), "another type")
    return RealtimeError(
        f"Invalid type for '{path}': expected {expected}, but got {got} instead.",
        code="invalid_type",
        param=path,
    )


def check_range(value: float, low: float, high: float, path: str) -> None:
    """Raises unless ``low <= value <= high``."""
    if low <= value <= high:
        return
    kind = "integer" if isinstance(value, int) and isinstance(low, int) else "decimal"
    below = value < low
    raise RealtimeError(
        f"Invalid '{path}': {kind} {'below minimum' if below else 'above maximum'} value. "
        f"Expected a value {'>=' if below else '<='} {low if below else high:g}, "
        f"but got {value:g} instead.",
        code=f"{kind}_{'below_min' if below else 'above_max'}_value",
        param=path,
    )


def check_length(value: str, longest: int, path: str) -> None:
    """Raises when a string is longer than ``longest`` characters."""
    if len(value) > longest:
        raise RealtimeError(
            f"Invalid '{path}': string too long. Expected a string with maximum length "
            f"{longest}, but got a string with length {len(value)} instead.",
            code="string_above_max_length",
            param=path,
        )


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is typing.Annotated else annotation


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _expect(value: Any, expected: type, path: str) -> None:
    fits = isinstance(value, int | float if expected is float else expected)
    if not fits or (isinstance(value, bool) and expected is not bool):
        raise wrong_type(value, _NAMES[expected], path)


def _check_literal(value: Any, allowed: tuple[Any, ...], path: str) -> None:
    if any(value == option and type(value) is type(option) for option in allowed):
        return
    first = type(allowed[0])
    if type(value) is not first:
        raise wrong_type(value, _NAMES[first], path)
    if first is int:
        check_range(value, min(allowed), max(allowed), path)
    raise unsupported(value, allowed, path)


def unsupported(value: Any, allowed: typing.Iterable[Any], path: str) -> RealtimeError:
    """A value that is not one of ``allowed``."""
    quoted = [f"'{option}'" for option in allowed]
    listed = (
        quoted[0]
        if len(quoted) == 1
        else f"{', '.join(quoted[:-1])}{',' if len(quoted) > 2 else ''} and {quoted[-1]}"
    )
    return invalid_value(f"Invalid value: '{value}'. Supported values are: {listed}.", path)


def _check_model(value: Any, model: type[BaseModel], path: str) -> None:
    _expect(value, dict, path)
    for name in value:
        if name not in model.model_fields:
            full = _join(path, name)
            raise RealtimeError(
                f"Unknown parameter: '{full}'.", code="unknown_parameter", param=full
            )
    for name, field in model.model_fields.items():
        if name in value:
            check(value[name], field.annotation, _join(path, name))
        elif field.is_required():
            raise missing(_join(path, name))


def _check_union(value: Any, options: list[Any], path: str) -> None:
    flat: list[Any] = []
    for option in options:
        nested = get_origin(option) in (Union, types.UnionType)
        flat.extend([_bare(entry) for entry in get_args(option)] if nested else [option])
    if value is None and type(None) in flat:
        return
    models = [o for o in flat if isinstance(o, type) and issubclass(o, BaseModel)]
    others = [o for o in flat if o not in models and o is not type(None)]
    if isinstance(value, dict) and models:
        _check_model(value, _pick(value, models, path), path)
        return
    failures: list[RealtimeError] = []
    for option in others:
        try:
            check(value, option, path)
        except RealtimeError as error:
            failures.append(error)
        else:
            return
    if not failures:
        raise wrong_type(value, "an object", path)
    # The value's own type decides which of the complaints is worth hearing.
    raise next((f for f in failures if f.code != "invalid_type"), failures[0])


def _pick(value: dict[str, Any], models: list[type[BaseModel]], path: str) -> type[BaseModel]:
    """The member of a union that a value's ``type`` (and ``role``) name."""
    left = models
    for tag in ("type", "role"):
        allowed = {model: _literals(model, tag) for model in left}
        if len(left) == 1 or not any(allowed.values()):
            continue
        if tag not in value:
            raise missing(_join(path, tag))
        fitting = [model for model in left if value[tag] in allowed[model]]
        if not fitting:
            known = list(dict.fromkeys(v for values in allowed.values() for v in values))
            raise unsupported(value[tag], known, _join(path, tag))
        left = fitting
    return left[0]


def _literals(model: type[BaseModel], tag: str) -> tuple[Any, ...]:
    field = model.model_fields.get(tag)
    if field is None:
        return ()
    annotation = field.annotation
    for option in (annotation, *get_args(annotation)):
        if get_origin(option) is Literal:
            return get_args(option)
    return ()
