"""What is kept of calls, and who is told of them."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_settings import NoDecode

from bot.webhooks.receiver import Receiver, read_receivers
from bot.webhooks.signature import read_secret


def _database_url(value: str) -> str:
    if not re.match(r"(sqlite(\+aiosqlite)?|postgres(ql)?(\+asyncpg)?)://", value):
        raise ValueError(
            "sqlite+aiosqlite:///path/to/file.db or postgresql://user:password@host/database"
        )
    return value


def _signing_key(secret: SecretStr) -> SecretStr:
    read_secret(secret.get_secret_value())
    return secret


def _signed(receivers: tuple[Receiver, ...], info: ValidationInfo) -> tuple[Receiver, ...]:
    if receivers and info.data.get("webhook_secret", "wrong") is None:
        raise ValueError("empty, unless WEBHOOK_SECRET says what their posts are signed with")
    return receivers


class RecordSettings(BaseModel):
    """What is kept of calls, and who is told of them."""

    database_url: Annotated[str, AfterValidator(_database_url)] | None = Field(
        default=None,
        description="Database of records and tool servers (SQLAlchemy URL); files by default.",
    )
    data_dir: Path = Field(
        default=Path("data"),
        description="Where files are kept: databases that have no URL, and events until stored.",
    )
    records_retention_days: float = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Days after which the record of a call is deleted; 0 keeps it.",
    )
    call_summaries: bool = Field(
        default=True,
        description="Whether OPENAI_CHAT_MODEL sums calls up when they are over, with their data.",
    )
    webhook_secret: Annotated[SecretStr, AfterValidator(_signing_key)] | None = Field(
        default=None,
        description="Signs webhooks; 24 characters or more, or whsec_ and Base64.",
    )
    webhook_urls: Annotated[
        tuple[Receiver, ...], NoDecode, BeforeValidator(read_receivers), AfterValidator(_signed)
    ] = Field(
        default=(),
        description="Who is told of events: url [event …], comma-separated; all events by default.",
    )
    records_spool_mb: float = Field(
        default=256,
        ge=1,
        le=1_000_000,
        description="Megabytes of events that may wait on disk while the database is away.",
    )
