"""The tool servers that ship with the teams; each is an MCP server that runs alone."""
