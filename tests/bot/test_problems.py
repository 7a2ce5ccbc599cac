"""Errors: a problem document each time, which names the field and repeats no value."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI
from pydantic import AfterValidator, BaseModel, Field
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot.api.access import Admin, Operator, Reader
from bot.app import create_app
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for
from tests.bot.service import model, service
from tests.patience import PATIENCE_S

KEYS = {"read": "r" * 20, "operate": "o" * 20, "admin": "a" * 20}
API_KEYS = ",".join(f"{scope}r:{scope}:{key}" for scope, key in KEYS.items())


def _no_secret(value: str) -> str:
    raise ValueError("a word that is known")


class Body(BaseModel):
    to: Annotated[str, AfterValidator(_no_secret)]
    nested: dict[str, Annotated[int, Field(le=3)]]


def application(tmp_path, **settings: object) -> FastAPI:
    chosen = Settings(_env_file=None, **settings)
    switchboard = Switchboard(chosen, endpoint=endpoint_for(chosen), tool_servers={})
    (tmp_path / "index.html").write_text("the page")
    app = create_app(switchboard, console=tmp_path)
    page = app.router.routes.pop()  # it answers every address that nothing before it does

    @app.post("/api/test/body")
    async def body(body: Body) -> None: ...

    @app.get("/api/test/broken")
    async def broken() -> None:
        raise RuntimeError("secret inside")

    @app.get("/api/test/read")
    async def read(who: Reader) -> str:
        return who.name

    @app.get("/api/test/operate")
    async def operate(who: Operator) -> str:
        return who.name

    @app.get("/api/test/admin")
    async def admin(who: Admin) -> str:
        return who.name

    app.router.routes.append(page)
    return app


Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def ask(tmp_path) -> Ask:
    async def ask(
        method: str,
        url: str,
        *,
        client: str = "127.0.0.1",
        settings: dict[str, object] | None = None,
        **options: object,
    ) -> httpx.Response:
        transport = httpx.ASGITransport(
            application(tmp_path, **(settings or {})), client=(client, 9)
        )
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:7860"
        ) as asking:
            return await asking.request(method, url, **options)

    return ask


def problem(response: httpx.Response) -> dict[str, object]:
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    assert document["title"]
    assert document["detail"]
    return document


async def test_every_wrong_field_is_named_and_no_value_is_repeated(ask):
    response = await ask(
        "POST", "/api/test/body", json={"to": "hunter2", "nested": {"x": 4, "y": "hunter3"}}
    )
    document = problem(response)
    assert response.status_code == 422
    assert document["field"] == "to"
    assert [error["field"] for error in document["errors"]] == ["to", "nested.x", "nested.y"]
    assert document["errors"][0]["detail"] == "a word that is known"
    assert "hunter" not in response.text


@pytest.mark.parametrize("content", [b"{", b"", b"\xff"])
async def test_a_body_that_is_not_json_is_called_that(ask, content):
    response = await ask(
        "POST", "/api/test/body", content=content, headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (400, 422)
    problem(response)


async def test_an_error_that_nothing_handles_is_a_500_without_its_inside(ask, capsys):
    response = await ask("GET", "/api/test/broken")
    assert response.status_code == 500
    problem(response)
    assert "secret inside" not in response.text
    assert "RuntimeError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/api/nothing", 404, None),
        ("DELETE", "/api/offer", 405, "POST, PATCH"),
        ("POST", "/health", 405, "GET, HEAD"),
        ("POST", "/index.html", 405, "GET, HEAD"),
    ],
)
async def test_addresses_and_methods_that_are_not_there(ask, method, path, status, allow):
    response = await ask(method, path)
    assert response.status_code == status
    assert response.headers.get("Allow") == allow
    problem(response)


async def test_the_openapi_document_describes_problems_and_keys(ask):
    document = (await ask("GET", "/openapi.json")).json()
    content = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    }
    operations = [one for path in document["paths"].values() for one in path.values()]
    responses = [each for one in operations for each in one["responses"].items()]
    assert all(
        response["content"] == content
        for status, response in responses
        if int(status) in range(400, 500)
    )
    described = document["paths"]["/api/test/body"]["post"]["responses"]
    assert {"400", "413", "422", "429", "500"} <= described.keys()
    assert "Retry-After" in described["429"]["headers"]
    assert {"401", "403"} <= document["paths"]["/api/test/read"]["get"]["responses"].keys()
    assert "HTTPValidationError" not in str(document)
    assert document["paths"]["/api/test/read"]["get"]["security"] == [
        {"ApiKey": []},
        {"Session": []},
    ]
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"


@pytest.mark.parametrize("wanted", KEYS)
@pytest.mark.parametrize("held", KEYS)
async def test_a_scope_includes_the_ones_below_it(ask, held, wanted):
    response = await ask(
        "GET",
        f"/api/test/{wanted}",
        client="203.0.113.5",
        settings={"api_keys": API_KEYS},
        headers={"Authorization": f"Bearer {KEYS[held]}"},
    )
    order = list(KEYS)
    if order.index(held) >= order.index(wanted):
        assert response.json() == f"{held}r"
    else:
        assert response.status_code == 403
        assert KEYS[held] not in str(problem(response))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {KEYS['admin']}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer ä"},
    ],
)
async def test_without_a_valid_key_there_is_401_and_a_challenge_even_for_localhost(ask, headers):
    response = await ask(
        "GET",
        "/api/test/read",
        settings={"api_keys": API_KEYS},
        headers={name: value.encode() for name, value in headers.items()},
    )
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    problem(response)


LOCAL = {"Host": "localhost:7860"}


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {"Host": "localhost:7860"}, 200),
        ("127.0.0.1", {"Host": "127.0.0.1"}, 200),
        ("::1", {"Host": "[::1]:7860"}, 200),
        ("127.0.0.1", {**LOCAL, "Origin": "http://localhost:7860"}, 200),
        ("203.0.113.5", LOCAL, 403),
        ("127.0.0.1", {"Host": "calls.example.com"}, 403),
        ("127.0.0.1", {"Host": "localhost.example.com"}, 403),
        ("127.0.0.1", {"Host": "[::"}, 403),
        ("127.0.0.1", {**LOCAL, "X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {**LOCAL, "Forwarded": "for=203.0.113.5"}, 403),
        ("127.0.0.1", {**LOCAL, "Origin": "https://evil.example"}, 403),
        ("127.0.0.1", {**LOCAL, "Origin": "null"}, 403),
        ("127.0.0.1", {**LOCAL, "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_without_keys_only_this_machine_may_control(ask, client, headers, status):
    response = await ask("GET", "/api/test/admin", client=client, headers=headers)
    assert response.status_code == status
    if status == 403:
        problem(response)


async def test_a_websocket_that_is_refused_gets_the_same_document():
    async with model() as emulator, service(emulator.url, api_keys=API_KEYS) as running:
        # A route of its own: the ones that listen in come with their calls.
        app = running.app

        @app.websocket("/api/test/listen")
        async def listen(websocket, who: Reader) -> None: ...

        app.router.routes.insert(0, app.router.routes.pop())
        with pytest.raises(InvalidStatus) as refused:
            async with asyncio.timeout(PATIENCE_S), connect(f"{running.ws}/api/test/listen"):
                pass
    assert refused.value.response.status_code == 401
    assert refused.value.response.headers["Content-Type"] == "application/problem+json"
