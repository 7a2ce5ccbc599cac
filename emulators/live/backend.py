"""The model that delegated work goes to: function calls, their outputs, and what comes of them."""

from typing import Any

from emulators.live.errors import LiveError
from emulators.realtime.ids import new_id


class Backend:
    """Keeps account of the calls of one session's delegations."""

    def __init__(self) -> None:
        self._delegation: str | None = None
        self._response: str | None = None
        self._due: set[str] = set()
        self._made = 0

    @property
    def is_waiting(self) -> bool:
        """Whether outputs are due, or all are there and nobody said to go on."""
        return self._delegation is not None

    def begin(self, offset_ms: int) -> list[dict[str, Any]]:
        """A call is about to be made: what tells that work was delegated, where nothing has."""
        events: list[dict[str, Any]] = []
        if self._response is None:
            self._response = new_id("resp")
            if self._delegation is None:
                self._delegation = new_id("dlg")
                delegation = {
                    "id": self._delegation,
                    "type": "delegation",
                    "target": "responses",
                    "response_id": self._response,
                }
                events.append(
                    {
                        "type": "session.delegation.created",
                        "offset_ms": offset_ms,
                        "delegation": delegation,
                    }
                )
            events.append(self._event("response.created", response=self._snapshot("in_progress")))
        return events

    def made(self, item: dict[str, Any]) -> dict[str, Any]:
        """A call is complete: the event that tells."""
        self._due.add(item["call_id"])
        index, self._made = self._made, self._made + 1
        return self._event("response.output_item.done", output_index=index, item=item)

    def done(self) -> list[dict[str, Any]]:
        """The response is over; what tells of it, if there was one."""
        if self._response is None:
            return []
        usage = {"input_tokens": 40, "output_tokens": 8, "total_tokens": 48}
        event = self._event("response.completed", response=self._snapshot("completed", usage=usage))
        self._response = None
        return [event]

    def answered(self, call_id: str) -> None:
        """An output came. Raises `LiveError` for a call that was not made or has one."""
        if call_id not in self._due:
            raise LiveError(
                f"No tool call found for function call output with call_id {call_id}.",
                code="invalid_value",
                param="item.call_id",
            )
        self._due.discard(call_id)

    def go_on(self) -> None:
        """``response.create``. Raises `LiveError` while outputs are missing."""
        if self._response is not None:
            raise LiveError("A response is in progress.", code="response_in_progress")
        if self._due:
            raise LiveError(
                f"Outputs are required for: {', '.join(sorted(self._due))}.",
                code="function_call_outputs_required",
            )

    def settle(self) -> None:
        """The delegation has brought its answer."""
        if not self._due:
            self._delegation = None

    def _snapshot(self, status: str, **more: Any) -> dict[str, Any]:
        return {"id": self._response, "object": "response", "status": status, "output": [], **more}

    def _event(self, kind: str, **fields: Any) -> dict[str, Any]:
        return {
            "type": "response.event",
            "delegation_id": self._delegation,
            "event": {"type": kind, **fields},
        }
