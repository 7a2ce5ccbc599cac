"""An MCP tool as the model will see it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, SchemaError
from loguru import logger
from mcp_types import Tool as McpTool

from processors.mcp_tools.schema import function_parameters

CONFIRM = "Changes data: ask the caller to confirm before calling."
"""Ends the description of every tool that is not read-only: functions have no annotations."""

_LONGEST_DESCRIPTION = 1024


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What is needed to offer a tool and to call it; flags as in `processors.tools.Tool`."""

    name: str
    description: str
    parameters: dict[str, Any]
    read_only: bool
    idempotent: bool
    destructive: bool

    @property
    def repeatable(self) -> bool:
        """A second run does no harm."""
        return self.read_only or self.idempotent


def tool_specs(
    server: str, tools: list[McpTool], *, read_only: Collection[str] = ()
) -> tuple[ToolSpec, ...]:
    """The tools of a server; one that can't be understood is left out with a warning.

    Args:
        server: Its name.
        tools: As it lists them.
        read_only: Tools that only read, whatever the server says of them.
    """
    specs: dict[str, ToolSpec] = {}
    for tool in tools:
        try:
            specs.setdefault(tool.name, _spec(tool, only_reads=tool.name in read_only))
        except (
            AttributeError,
            TypeError,
            ValueError,
            LookupError,
            RecursionError,
            SchemaError,
        ) as error:
            problem = error.message if isinstance(error, SchemaError) else error
            logger.warning(
                "Left out tool {} of {}: its schema is broken: {}", tool.name, server, problem
            )
    return tuple(specs.values())


def _spec(tool: McpTool, *, only_reads: bool) -> ToolSpec:
    hints = tool.annotations
    read_only = only_reads or bool(hints and hints.read_only_hint)
    parameters = function_parameters(tool.input_schema)
    Draft202012Validator.check_schema(parameters)
    description = (tool.description or tool.title or tool.name).strip()
    if not read_only:
        description = f"{description[: _LONGEST_DESCRIPTION - len(CONFIRM) - 1]} {CONFIRM}"
    return ToolSpec(
        name=tool.name,
        description=description[:_LONGEST_DESCRIPTION],
        parameters=parameters,
        read_only=read_only,
        idempotent=read_only or bool(hints and hints.idempotent_hint),
        # The specification's default for a tool that says nothing.
        destructive=not read_only and not (hints and hints.destructive_hint is False),
    )
