"""Several servers in one process, one of which can't serve."""

import pytest
from mcp import Client

from emulators.twilio.asgi_server import serving
from mcp_servers.together import together


async def tools_at(url: str) -> set[str]:
    async with Client(url) as client:
        return {tool.name for tool in (await client.list_tools()).tools}


async def test_each_server_answers_at_its_own_path(tmp_path):
    app = together(["members", "errands"], f"sqlite:///{tmp_path / 'tools.db'}")
    async with app.router.lifespan_context(app), serving(app) as base:
        assert "redeem-voucher" in await tools_at(f"{base}/members/mcp")
        assert "compare-quotes" in await tools_at(f"{base}/errands/mcp")


@pytest.mark.parametrize("broken", ["dev_tools", "no_such_server"])
async def test_one_that_cannot_serve_does_not_keep_the_others_from_it(
    tmp_path, monkeypatch, caplog, broken
):
    monkeypatch.setenv("DEV_TOOLS_FOLDER", str(tmp_path / "not there"))
    app = together([broken, "members"], f"sqlite:///{tmp_path / 'tools.db'}")
    async with app.router.lifespan_context(app), serving(app) as base:
        assert await tools_at(f"{base}/members/mcp")
    assert f"the tool server {broken} can't serve" in caplog.text
