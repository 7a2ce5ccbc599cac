"""A two-desk shop to talk to in text: drives a mind with tools that answer from a table."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from emulators.realtime.mind import Call, Prompt, Say
from emulators.realtime.minds.rules import RulesMind

TODAY = date(2026, 11, 21)


def function(name: str, description: str, properties: Mapping[str, Any], *optional: str):
    required = [key for key in properties if key not in optional]
    parameters = {"type": "object", "properties": dict(properties), "required": required}
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": parameters,
    }


def transfer(name: str, description: str):
    text = {"type": "string", "description": "In a few words"}
    return function(f"transfer_to_{name}", description, {"reason": text, "context": text})


def expert(name: str, description: str):
    question = {"type": "string", "description": "The question"}
    return function(f"{name}_expert", description, {"question": question})


CITY = {"type": "string", "description": "The city", "examples": ["Paris", "Rome", "New York"]}
CHECK_IN = {"type": "string", "format": "date", "description": "The check-in date"}
CHECK_OUT = {"type": "string", "format": "date", "description": "The check-out date"}
GUESTS = {
    "type": "integer",
    "minimum": 1,
    "maximum": 8,
    "description": "The number of guests",
}
NUMBER = {
    "type": "string",
    "pattern": "^[0-9]{6}$",
    "description": "The six-digit confirmation number",
}
CHANGES = " Changes data: ask the caller to confirm before calling."

SEARCH_HOTEL = function(
    "search-hotel",
    "Find hotels in a city with rooms free on the given nights, cheapest first.",
    {"city": CITY, "check_in": CHECK_IN, "check_out": CHECK_OUT, "guests": GUESTS},
)
BOOK_HOTEL = function(
    "book-hotel",
    "Book a hotel that search-hotel found. Answers with a confirmation number." + CHANGES,
    {
        "hotel_id": {"type": "string", "description": "The hotel_id of an offer"},
        "check_in": CHECK_IN,
        "check_out": CHECK_OUT,
        "guests": GUESTS,
        "guest_name": {"type": "string", "description": "The name for the booking"},
    },
)
GET_BOOKING = function(
    "get-booking", "Look up a booking by its number.", {"confirmation_number": NUMBER}
)
CANCEL_BOOKING = function(
    "cancel-booking",
    "Cancel a booking by its number." + CHANGES,
    {"confirmation_number": NUMBER},
)
END_CALL = function(
    "end_call",
    'End the phone call. Callers say for example: "goodbye".',
    {"reason": {"type": "string"}},
    "reason",
)
HOTEL_EXAMPLES = (
    ' Callers say for example: "I need a hotel in {city}"; '
    '"book a hotel in {city} from {date} to {date} for {number} guests"; '
    '"how much is a hotel in {city}".'
)
HOTELS = "Finds hotels in a city and books a room."

DESKS = {
    "front_desk": [
        transfer("hotel_booking", f"Transfer the caller. {HOTELS}{HOTEL_EXAMPLES}"),
        transfer(
            "post_booking",
            "Transfer the caller. Looks up an existing booking and cancels it. Callers say for "
            'example: "cancel my booking {digits}"; "what is the status of my booking".',
        ),
        expert("hotel_booking", f"Ask a general question. {HOTELS}{HOTEL_EXAMPLES}"),
        END_CALL,
    ],
    "hotel_booking": [
        SEARCH_HOTEL,
        BOOK_HOTEL,
        transfer(
            "front_desk",
            "Transfer the caller. Answers the line and general travel questions. Callers say for "
            'example: "hello"; "I would like to book a trip"; "no thank you".',
        ),
        END_CALL,
    ],
    "post_booking": [
        GET_BOOKING,
        CANCEL_BOOKING,
        transfer("front_desk", "Transfer the caller. Answers the line."),
        END_CALL,
    ],
}

OFFERS = [
    {"hotel_id": "h-lutetia", "name": "Lutetia", "city": "Paris", "price_per_night": 210},
    {"hotel_id": "h-star", "name": "Morning Star", "city": "Paris", "price_per_night": 120},
    {"hotel_id": "h-ritz", "name": "Grand Ritz", "city": "Paris", "price_per_night": 480},
]


def search_hotel(arguments: Mapping[str, Any]) -> dict[str, Any]:
    if arguments["city"] not in ("Paris", "Rome", "New York"):
        return {"error": f"There are no hotels in {arguments['city']}."}
    return {"hotels": OFFERS, "summary": f"I found three hotels in {arguments['city']}."}


def book_hotel(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "confirmation_number": "471932",
        "summary": f"I booked it for {arguments['guest_name']}. The number is 4 7 1 9 3 2.",
    }


def get_booking(arguments: Mapping[str, Any]) -> dict[str, Any]:
    if arguments["confirmation_number"] != "471932":
        spaced = " ".join(arguments["confirmation_number"])
        return {"error": f"There is no booking with the number {spaced}."}
    return {"confirmation_number": "471932", "summary": "That is the Lutetia in Paris."}


def cancel_booking(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"status": "cancelled", "summary": "The booking is cancelled."}


TOOLS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "search-hotel": search_hotel,
    "book-hotel": book_hotel,
    "get-booking": get_booking,
    "cancel-booking": cancel_booking,
}


@dataclass
class PhoneDesk:
    """One call: what the service does, without audio.

    ``calls`` has (tool, arguments) of everything called, ``desk`` who has the caller.
    """

    desk: str = "front_desk"
    desks: Mapping[str, list[dict[str, Any]]] = field(default_factory=lambda: DESKS)
    tools: Mapping[str, Callable[[Mapping[str, Any]], Any]] = field(default_factory=lambda: TOOLS)
    instructions: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ended: bool = False

    async def hears(self, text: str) -> str:
        """The caller says something; returns all that is said until it is their turn again."""
        content = [{"type": "input_audio", "transcript": text}]
        self.items.append({"type": "message", "role": "user", "content": content})
        return await self.respond()

    async def respond(self, **changes: Any) -> str:
        said = []
        called = False
        for action in await self.actions(**changes):
            if isinstance(action, Say):
                said.append(action.text)
                content = [{"type": "output_audio", "transcript": action.text}]
                self.items.append({"type": "message", "role": "assistant", "content": content})
            else:
                self._call(action)
                called = action.name != "end_call"
        if called:
            said.append(await self.respond())
        return " ".join(said)

    async def actions(self, **changes: Any) -> list[Say | Call]:
        settings = {
            "instructions": self.instructions,
            "session_instructions": self.instructions,
            "tools": self.desks[self.desk],
            "tool_choice": "auto",
            "items": list(self.items),
            "metadata": {},
        }
        prompt = Prompt(**(settings | changes))
        return [action async for action in RulesMind(lambda: TODAY).respond(prompt)]

    def tells(self, text: str) -> None:
        """A system message."""
        content = [{"type": "input_text", "text": text}]
        self.items.append({"type": "message", "role": "system", "content": content})

    def _call(self, call: Call) -> None:
        call_id = f"call_{len(self.calls)}"
        self.calls.append((call.name, call.arguments))
        arguments = json.dumps(call.arguments)
        self.items.append(
            {
                "type": "function_call",
                "call_id": call_id,
                "name": call.name,
                "arguments": arguments,
            }
        )
        output: Any = {}
        if call.name in self.tools:
            output = self.tools[call.name](call.arguments)
        self.ended = self.ended or call.name == "end_call"
        output = output if isinstance(output, str) else json.dumps(output)
        self.items.append({"type": "function_call_output", "call_id": call_id, "output": output})
        if call.name.startswith("transfer_to_"):
            to = call.name.removeprefix("transfer_to_")
            self.tells(
                f"{self.desk} has just transferred the caller to you, {to}.\n"
                f"Reason: {call.arguments['reason']}\n"
                f"What is known: {call.arguments['context']}\n"
                "Go on with the caller's request now."
            )
            self.desk = to
