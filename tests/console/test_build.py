"""The page as it is built: what it weighs, what it asks of the network, what events it knows."""

import gzip
import re
from pathlib import Path
from typing import get_args

import pytest

from processors.events import CallEvent
from processors.events.event import Event

CONSOLE = Path(__file__).parent.parent.parent / "console"
MAX_FIRST_LOAD_BYTES = 300_000


def first_load(built_page: Path) -> list[Path]:
    """What the browser fetches to show the page: all that index.html names."""
    html = (built_page / "index.html").read_text()
    named = re.findall(r'(?:src|href)="/([^"]+)"', html)
    return [built_page / "index.html", *(built_page / name for name in named)]


def test_the_first_load_is_small(built_page):
    files = first_load(built_page)
    assert any(file.suffix == ".js" for file in files)
    sent = [file.with_name(f"{file.name}.gz") for file in files if file.suffix in (".js", ".css")]
    assert sum(file.stat().st_size for file in sent) < MAX_FIRST_LOAD_BYTES
    for file in sent:
        assert gzip.decompress(file.read_bytes()) == file.with_suffix("").read_bytes()


def test_the_page_loads_nothing_from_elsewhere(built_page):
    styles = "".join(file.read_text() for file in built_page.rglob("*.css"))
    scripts = "".join(file.read_text() for file in built_page.rglob("*.js"))
    assert "//" not in re.sub(r"/\*.*?\*/", "", styles)
    assert not re.search(r"(daily\.co|unpkg|jsdelivr|googleapis|cdn\.)", scripts)


def typescript_interfaces() -> dict[str, set[str]]:
    """Event types in console/src/call/events/ and the fields that each declares itself."""
    files = sorted((CONSOLE / "src" / "call" / "events").glob("*.ts"))
    source = "".join(file.read_text() for file in files)
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    found: dict[str, set[str]] = {}
    for body in re.findall(r"interface \w+ extends Stamped \{(.*?)^\}", source, re.S | re.M):
        fields = dict(re.findall(r"^  (\w+): ([^;]+);", body, re.MULTILINE))
        found[fields["type"].strip('"')] = set(fields)
    return found


EVENT_CLASSES = get_args(get_args(CallEvent)[0])


@pytest.mark.parametrize("event", EVENT_CLASSES, ids=lambda event: event.__name__)
def test_the_page_knows_every_event_with_its_fields(event):
    declared = typescript_interfaces()
    name = event.model_fields["type"].default
    stamps = set(Event.model_fields)
    assert declared.get(name) == set(event.model_fields) - stamps


def test_the_page_knows_no_event_that_is_not_declared():
    declared = {event.model_fields["type"].default for event in EVENT_CLASSES}
    assert set(typescript_interfaces()) == declared


@pytest.mark.parametrize("event", EVENT_CLASSES, ids=lambda event: event.__name__)
def test_the_page_has_each_event_in_the_file_of_its_topic(event):
    topic = event.__module__.rpartition(".")[2]
    source = (CONSOLE / "src" / "call" / "events" / f"{topic}.ts").read_text()
    assert f'type: "{event.model_fields["type"].default}"' in source
