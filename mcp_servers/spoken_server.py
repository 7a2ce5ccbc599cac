"""An MCP server whose errors can be said to a caller as they are."""

from datetime import date
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, InputRequiredResult, TextContent
from pydantic import ValidationError
from pydantic_core import ErrorDetails


class SpokenServer(MCPServer[Any]):
    """An `MCPServer` that answers a `ToolError` with its bare text.

    The SDK prefixes every failure with ``Error executing tool <name>:`` and reports arguments
    that do not fit the schema as a pydantic traceback of several lines; a voice would read that
    out. What a tool did not foresee stays the SDK's business: it is logged, and the client learns
    nothing but that the tool failed.
    """

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool by name; see `MCPServer.call_tool`."""
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError):
                tool = next(tool for tool in await self.list_tools() if tool.name == name)
                text = _corrections(cause, tool.input_schema.get("properties", {}))
            else:
                text = str(cause or error)
            return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _corrections(error: ValidationError, properties: dict[str, Any]) -> str:
    """What is wrong with the arguments and what they should be, one sentence for each."""
    return " ".join(_correction(detail, properties) for detail in error.errors())


def _correction(detail: ErrorDetails, properties: dict[str, Any]) -> str:
    name = str(detail["loc"][0]) if detail["loc"] else "arguments"
    meaning = properties.get(name, {}).get("description", name.replace("_", " "))
    if detail["type"] == "missing":
        return f"{name} is missing: {meaning}."
    if detail["type"].startswith("date"):
        example = date.today().isoformat()
        return f"{name} must be a date in the form {example}, not {detail['input']!r}."
    if detail["type"] == "string_pattern_mismatch":
        return f"{name} can't be {detail['input']!r}: {meaning}."
    return f"{name} can't be {detail['input']!r}: {detail['msg'].lower()}."
