"""Every environment variable that the service reads, typed, checked and described.

A setting is declared once, in the module of its topic. ``docs/settings.md`` and ``.env.example``
list the same names; tests hold the three together.
"""

import sys
from collections.abc import Mapping
from typing import Any, Literal, NoReturn
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.settings.access import AccessSettings
from bot.settings.costs import CostSettings
from bot.settings.model import ModelSettings
from bot.settings.network import NetworkSettings
from bot.settings.operation import OperationSettings
from bot.settings.outbound import OutboundSettings
from bot.settings.recording import RecordingSettings
from bot.settings.records import RecordSettings
from bot.settings.team import TeamSettings
from bot.settings.telephone import TelephoneSettings


class Settings(
    ModelSettings,
    TeamSettings,
    RecordSettings,
    NetworkSettings,
    AccessSettings,
    RecordingSettings,
    TelephoneSettings,
    OutboundSettings,
    CostSettings,
    OperationSettings,
    BaseSettings,
):
    """The service's configuration: the process environment, then ``.env``, then defaults.

    An empty variable counts as one that is not set.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    def secrets(self) -> list[str]:
        """The values that nobody is to read, for the log to keep out."""
        found = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        found += [key.key.get_secret_value() for key in self.openai_realtime_fallback_keys]
        found += [secret for server in self.mcp_servers for secret in server.secrets]
        urls = [value for _, value in self if isinstance(value, str) and "://" in value]
        return found + [password for url in urls if (password := urlsplit(url).password)]

    @property
    def engine(self) -> Literal["openai", "custom", "emulator"]:
        """Which model answers: the one at a URL, OpenAI's by key, else the emulator."""
        live = self.voice_engine == "live"
        if self.openai_live_url if live else self.openai_realtime_url:
            return "custom"
        return "openai" if self.openai_api_key else "emulator"


def read_settings(**overrides: Any) -> Settings:
    """The settings, or the end of the process: a line on stderr per wrong one, exit code 2."""
    try:
        return Settings(**overrides)
    except ValidationError as invalid:
        refuse(invalid)


def refuse(invalid: ValidationError) -> NoReturn:
    """Names each wrong setting and what it should be, and exits with code 2."""
    for error in invalid.errors(include_url=False):
        sys.stderr.write(f"{describe(error)}\n")
    raise SystemExit(2)


def describe(error: Mapping[str, Any]) -> str:
    """One line for one validation error; the value of a secret is not repeated."""
    name = str(error["loc"][0]).upper() if error["loc"] else "the environment"
    expected = str(error["msg"]).removeprefix("Value error, ")
    secret = any(word in name for word in ("KEY", "TOKEN", "DATABASE", "REDIS", "WEBHOOK"))
    got = "" if secret else f" (it is {error['input']!r})"
    return f"{name} should be {expected.removeprefix('Input should be ')}{got}"
