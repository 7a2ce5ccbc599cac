"""The documentation is complete: every setting, route and event is on its page, and no other."""

import re
from pathlib import Path
from typing import get_args

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute, Mount, Route

from bot.app import create_app
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for
from processors.events import CallEvent
from processors.events.event import Event

ROOT = Path(__file__).parent.parent


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


def written(default: object) -> str:
    """A setting's default as an environment variable has it."""
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(default)
    return f"{default:g}" if isinstance(default, float) else str(default)


DEFAULTS = {name.upper(): written(field.default) for name, field in Settings.model_fields.items()}


def test_every_setting_is_documented_with_its_default_and_purpose():
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`|–) \| (.*) \|$", page("settings"), re.M)
    assert {name: default for name, default, _ in rows} == DEFAULTS
    purposes = {name.upper(): field.description for name, field in Settings.model_fields.items()}
    assert {name: purpose for name, _, purpose in rows} == purposes


def test_the_example_environment_lists_every_setting_with_its_default():
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    found = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", "\n".join(lines), re.M))
    assert found == DEFAULTS
    assert all(line.startswith("#") for line in lines if line), "it changes nothing as it is"


def _methods(route: BaseRoute) -> list[tuple[str, str]]:
    match route:
        case APIWebSocketRoute():
            return [("WS", route.path)]
        case APIRoute() | Route():
            return [(method, route.path) for method in (route.methods or ()) if method != "HEAD"]
        case Mount():
            return [("GET", route.path or "/")]
    if isinstance(included := getattr(route, "original_router", None), APIRouter):
        return [named for inner in included.routes for named in _methods(inner)]
    raise AssertionError(f"a kind of route that this test does not know: {route!r}")


@pytest.mark.parametrize("built", [True, False])
def test_every_route_is_documented(tmp_path, built):
    if built:
        (tmp_path / "index.html").write_text("")
    settings = Settings(_env_file=None)
    switchboard = Switchboard(settings, endpoint=endpoint_for(settings), tool_servers={})
    app = create_app(switchboard, console=tmp_path)
    routes = {named for route in app.routes for named in _methods(route)}
    headings = re.findall(r"^### (.*)$", page("http"), re.M)
    documented = {
        tuple(name.split())
        for heading in headings
        for name in re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE|WS) /[^`]*)`", heading)
    }
    assert routes == documented


def test_every_event_is_documented_with_its_fields():
    rows = re.findall(r"^\| `([a-z._]+)` \| .* \| (`.*`) \|$", page("events"), re.M)
    documented = {kind: set(re.findall(r"`(\w+)`", fields)) for kind, fields in rows}
    stamps = set(Event.model_fields) | {"type"}
    events = {
        model.model_fields["type"].default: set(model.model_fields) - stamps
        for model in get_args(get_args(CallEvent)[0])
    }
    assert documented == events


def test_the_fields_that_every_event_has_are_documented():
    common = page("events").partition("| type | says |")[0]
    rows = re.findall(r"^\| `(\w+)` \|", common, re.M)
    assert {"type", *Event.model_fields} == set(rows)
