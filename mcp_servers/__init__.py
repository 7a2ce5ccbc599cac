"""The tool servers that ship with the teams: real MCP servers, each of which runs alone.

``python -m mcp_servers.booking --port 0`` prints ``ready http://127.0.0.1:PORT/mcp`` and serves
streamable HTTP; ``--transport stdio`` serves a desktop client. This package imports nothing else
of the project, and the project reaches it over MCP only.
"""
