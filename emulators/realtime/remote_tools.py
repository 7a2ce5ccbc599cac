"""MCP tools in a session's ``tools``: the service would call those servers itself.

The emulator makes no connections of its own. It shows the import of each server's tools as the
service does when the server cannot be reached, so that clients meet these events.
"""

from collections.abc import Callable, Sequence
from typing import Any

from emulators.realtime.conversation import Item, new_item


class RemoteTools:
    """Imports each named server once per session; every import fails."""

    def __init__(
        self,
        send: Callable[[dict[str, Any]], None],
        add_item: Callable[[Item], None],
        item_done: Callable[[Item], None],
    ) -> None:
        self._send = send
        self._add_item = add_item
        self._item_done = item_done
        self._seen: set[str] = set()

    def configure(self, tools: Sequence[dict[str, Any]]) -> None:
        """Imports the servers that are new in ``tools``."""
        for tool in tools:
            if tool["type"] != "mcp" or tool["server_label"] in self._seen:
                continue
            self._seen.add(tool["server_label"])
            item = new_item(
                {"type": "mcp_list_tools", "server_label": tool["server_label"], "tools": []}
            )
            self._add_item(item)
            self._send({"type": "mcp_list_tools.in_progress", "item_id": item.id})
            self._send({"type": "mcp_list_tools.failed", "item_id": item.id})
            self._item_done(item)
