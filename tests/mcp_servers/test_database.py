"""Where the data is: URLs as people write them, and what each database needs."""

import asyncio

import pytest
from sqlalchemy import text

from mcp_servers.database import database_url, open_database, writing


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("sqlite:///data/x.db", "sqlite+aiosqlite:///data/x.db"),
        ("sqlite+aiosqlite:////tmp/x.db", "sqlite+aiosqlite:////tmp/x.db"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h:5433/d", "postgresql+asyncpg://u:p@h:5433/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
    ],
)
def test_a_url_gets_the_driver_that_we_use(written, used):
    assert database_url(written).render_as_string(hide_password=False) == used


@pytest.mark.parametrize("wrong", ["mysql://u:geheim@h/d", "geheim", "sqlite:geheim"])
def test_a_url_that_we_can_not_use_is_named_without_its_password(wrong):
    with pytest.raises(ValueError, match="DATABASE_URL") as caught:
        database_url(wrong)
    assert "geheim" not in str(caught.value)


async def test_the_folder_of_a_new_file_is_made(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'a' / 'b.db'}")
    async with writing(engine).begin() as connection:
        await connection.execute(text("CREATE TABLE t (x INTEGER)"))
    await engine.dispose()
    assert (tmp_path / "a" / "b.db").exists()


async def test_readers_do_not_wait_for_a_writer_and_writers_take_turns(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    async with writing(engine).begin() as connection:
        await connection.execute(text("CREATE TABLE t (x INTEGER)"))
        await connection.execute(text("INSERT INTO t VALUES (1)"))

    async def add() -> None:
        async with writing(engine).begin() as connection:
            [x] = (await connection.execute(text("SELECT x FROM t"))).one()
            await asyncio.sleep(0)
            await connection.execute(text("UPDATE t SET x = :x"), {"x": x + 1})

    async with writing(engine).begin() as connection:
        await connection.execute(text("UPDATE t SET x = x"))
        async with engine.connect() as reader:
            assert (await reader.execute(text("SELECT x FROM t"))).scalar() == 1
    await asyncio.gather(*(add() for _ in range(10)))
    async with engine.connect() as reader:
        assert (await reader.execute(text("SELECT x FROM t"))).scalar() == 11
    await engine.dispose()
