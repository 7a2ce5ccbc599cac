"""What a peer may send that is not, or not quite, a message of a protocol."""

import base64
import json
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

OVER_THE_NETWORK = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A smaller example takes minutes to find; the seed that is printed brings this one back.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
"""For examples that a running service is tried with."""

WEIRD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(["", "\0", "💣" * 20, "-1", "1e999", "NaN", "../../etc/passwd", "%00"]),
    st.just("A").map(lambda letter: letter * 60_000),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


@st.composite
def mutated(draw: st.DrawFn, message: dict[str, Any]) -> str:
    """JSON of ``message`` with a value, or a name, that is something else, or is not there."""
    copy = json.loads(json.dumps(message))
    inside = copy
    while True:
        key = draw(st.sampled_from(sorted(inside)))
        if isinstance(inside[key], dict) and inside[key] and draw(st.booleans()):
            inside = inside[key]
            continue
        break
    match draw(st.sampled_from(["replace", "delete", "rename", "cut"])):
        case "replace":
            inside[key] = draw(WEIRD)
        case "delete":
            del inside[key]
        case "rename":
            inside[draw(st.text(max_size=8))] = inside.pop(key)
        case "cut":
            text = json.dumps(copy)
            return text[: draw(st.integers(0, len(text)))]
    return json.dumps(copy)


def nested(depth: int) -> str:
    """JSON that is ``depth`` deep."""
    return "[" * depth + "]" * depth


RAW = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200),
    st.sampled_from(
        ["", b"", "null", "[]", '{"event":', '{"event": "connected"' + " " * 500, nested(500)]
    ),
    st.sampled_from(
        [
            ("[", 30_000),
            ('{"a":', 5000),
            ("A", 70_000),
            (b"\xff", 5000),
            (base64.b64encode(bytes(30)).decode(), 1000),
        ]
    ).map(lambda repeated: repeated[0] * repeated[1]),
)
