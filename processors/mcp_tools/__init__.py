"""The MCP host: tools of MCP servers as functions that the model can call.

`McpHost` keeps one connection per server for the whole process, whatever the number of calls.
What it promises is in ``docs/tools.md``.
"""

from processors.mcp_tools.connection import ServerState
from processors.mcp_tools.host import McpHost, ServerStatus
from processors.mcp_tools.servers import ClientCredentials, McpServer

__all__ = ["ClientCredentials", "McpHost", "McpServer", "ServerState", "ServerStatus"]
