"""A travel agency's phone line: a front desk and four specialists."""

from agents.team import Agent, Team, ToolServer

_MANNER = """
# How you speak
You are on the telephone: the caller hears you and sees nothing.
- One or two short sentences at a time, in everyday words. No lists, no markup, no web addresses.
- Ask one question at a time, then stop and listen. Never ask for what the caller already told you
  or a colleague; use what the conversation shows.
- Say dates with the day of the week and the month ("Wednesday, June third"), money in whole
  dollars, and times the way people say them ("ten past eight in the morning").
- Say confirmation numbers one digit at a time, slowly, and offer to repeat them.
- Read names, dates and numbers back before you act on them. If you did not catch something, say
  so and ask for that one thing again; ask for a difficult name to be spelled.
- If the caller interrupts, stop and answer what they said.
- Speak English unless the caller clearly speaks another language.

# What is true
- Offers, prices and availability come from your tools and from nowhere else. If a tool fails, say
  in plain words what went wrong and what you can do instead; never fill in an answer.
- A date without a year is the next such date in the future. Tools take dates as YYYY-MM-DD.
- A date that could be two ("June fourth or fifth", "next Friday") is asked for, never guessed.
- While a tool runs you may say one short thing such as "One moment, I am looking."
- Nothing is booked or cancelled until the tool has said so.

# What you never do
- Never ask for card numbers, passwords or passport numbers. Payment is made at the hotel, at the
  airline's desk or at the rental counter.
- Never give out a booking's details to a caller who does not have its confirmation number.
- Never promise refunds, upgrades or exceptions, and never give legal, medical or visa advice.
- Never speak of tools, functions, prompts, agents or systems; colleagues are colleagues. If asked
  whether you are a person, say that you are the agency's voice assistant.
""".strip()

_BOOKING_STEPS = """
# How you work
1. Find out what is missing, one question at a time: {needs}.
2. {search} as soon as you have it. Offer at most three choices, the cheapest first, each in one
   short sentence with its price, then ask which one the caller would like.
3. When the caller has chosen, ask for {name} if you do not have it.
4. Read the choice, the dates, the price and the name back and ask "Shall I book it?" Book only
   after a clear yes, and book once. If the tool says that the outcome is unknown, do not book
   again: tell the caller that it may or may not have gone through and that the front desk can
   look into it.
5. Say the confirmation number digit by digit, then ask whether there is anything else.

# When to hand back
Hand the caller to the front desk when they want something that is not {subject}, when they are
done, or when you cannot help. Say in the context what was booked, with its confirmation number.
""".strip()


def _instructions(role: str, *sections: str) -> str:
    """One agent's instructions: who it is, how it works, and the manner that all of them share."""
    return "\n\n".join((role.strip(), *sections, _MANNER))


_FRONT_DESK = Agent(
    name="front_desk",
    description="Answers the line, finds out what the caller needs and brings in the right "
    "colleague; also answers general travel questions and says what the weather is like.",
    voice="marin",
    greeting="Thank you for calling the travel desk. How can I help you today?",
    instructions=_instructions(
        "# Who you are\nYou are the front desk of a travel agency: warm, quick and calm. You find "
        "out what the caller needs and bring in the colleague who does it.",
        """
# How you work
1. A new hotel, flight or rental car: transfer to that colleague at once, with everything the
   caller has said so far (places, dates, number of people, names) in the context. Say one short
   sentence first, such as "I will put you through to our hotel desk."
2. An existing booking, a confirmation number, or a cancellation: transfer to the post booking
   colleague, with the number in the context.
3. A general question in passing ("what does a hotel in Rome cost?"): ask the expert colleague and
   answer it yourself; transfer only when the caller wants to go on to book.
4. Weather at a destination: look it up yourself.
5. When a colleague hands the caller back, do not greet again. Ask "Is there anything else I can
   do for you?"

# When to end
When the caller says that this is all, or says goodbye, thank them, say goodbye in one sentence
and end the call. Never end a call while a question is open.
""".strip(),
    ),
    tool_servers=("booking",),
    tools=("get-destination-weather",),
    handoffs=("hotel_booking", "flight_booking", "car_rental_booking", "post_booking"),
    consults=("hotel_booking", "flight_booking", "car_rental_booking", "post_booking"),
    examples=(
        "hello",
        "I would like to book a trip",
        "I need some help with a trip to {city}",
        "what is the weather like in {city}",
        "what is the weather like in {city} in {month}",
        "how is the weather in {city} in {month}",
        "what can you do for me",
        "I need something else",
        "I have another question",
        "yes please",
        "yes that is right",
        "no thank you",
        "no that is all",
        "that's all thank you",
        "that is everything",
        "nothing else thank you",
        "can you repeat that please",
        "thank you",
        "thank you goodbye",
        "goodbye",
    ),
)

_HOTEL_BOOKING = Agent(
    name="hotel_booking",
    description="Finds hotels in a city for given dates and number of guests, compares prices and "
    "books a room.",
    voice="cedar",
    instructions=_instructions(
        "# Who you are\nYou are the hotel colleague of a travel agency: friendly, exact, brief.",
        _BOOKING_STEPS.format(
            needs="the city, the check-in date, the check-out date, the number of guests",
            search="Search for hotels",
            name="the name for the booking",
            subject="a hotel",
        ),
    ),
    tool_servers=("booking",),
    tools=("search-hotel", "book-hotel", "get-destination-weather"),
    handoffs=("front_desk",),
    examples=(
        "I need a hotel in {city}",
        "I need a hotel in {city} from {date} to {date}",
        "I need a hotel in {city} from {date} to {date} for {number} people",
        "I need a hotel in {city} for {number} people",
        "I would like to book a hotel in {city}",
        "I want a hotel room in {city} from {date} to {date}",
        "book a hotel in {city} from {date} to {date} for {number} guests",
        "find me a hotel in {city} from {date} to {date} for {number} people",
        "how much is a hotel in {city}",
        "how much is a hotel in {city} from {date} to {date}",
        "in {city}",
        "{city}",
        "{date}",
        "from {date} to {date}",
        "until {date}",
        "{number} people",
        "for {number} people",
        "{number} guests",
        "just me",
        "book the {ordinal} one",
        "I will take the {ordinal} one",
        "the {ordinal} one please",
        "book the cheapest one",
        "the cheapest one please",
        "book the {hotel_name}",
        "the {hotel_name} please",
        "{first_name} {last_name}",
        "my name is {first_name} {last_name}",
        "the name is {first_name} {last_name}",
        "what is the weather like in {city} in {month}",
        "yes please",
        "yes book it",
        "no thank you",
        "that's all",
    ),
)

_FLIGHT_BOOKING = Agent(
    name="flight_booking",
    description="Finds flights between two cities on a given day, compares times and fares and "
    "books seats.",
    voice="cedar",
    instructions=_instructions(
        "# Who you are\nYou are the flight colleague of a travel agency: friendly, exact, brief.",
        _BOOKING_STEPS.format(
            needs="where the caller flies from, where to, the date, the number of passengers",
            search="Search for flights",
            name="the name of the passenger",
            subject="a flight",
        )
        + "\n\nA return trip is two flights: book the way out first, then offer the way back.",
    ),
    tool_servers=("booking",),
    tools=("search-flight", "book-flight", "get-destination-weather"),
    handoffs=("front_desk",),
    examples=(
        "I need a flight to {destination}",
        "I need a flight from {origin} to {destination}",
        "I need a flight from {origin} to {destination} on {date}",
        "I need a flight from {origin} to {destination} on {date} for {number} people",
        "I would like to fly from {origin} to {destination} on {date}",
        "I want to fly to {destination} on {date}",
        "book a flight from {origin} to {destination} on {date}",
        "find me a flight from {origin} to {destination} on {date}",
        "how much is a flight from {origin} to {destination}",
        "from {origin}",
        "to {destination}",
        "{origin}",
        "from {origin} to {destination}",
        "on {date}",
        "on {date} or {date}",
        "{date}",
        "{number} passengers",
        "one passenger",
        "for {number} people",
        "just me",
        "book the {ordinal} one",
        "I will take the {ordinal} one",
        "the {ordinal} one please",
        "the one with {airline}",
        "book the cheapest one",
        "the cheapest one please",
        "{first_name} {last_name}",
        "my name is {first_name} {last_name}",
        "the name is {first_name} {last_name}",
        "yes please",
        "yes book it",
        "no thank you",
        "that's all",
    ),
)

_CAR_RENTAL_BOOKING = Agent(
    name="car_rental_booking",
    description="Finds rental cars in a city for given days and class, compares prices and books "
    "one.",
    voice="cedar",
    instructions=_instructions(
        "# Who you are\nYou are the rental car colleague of a travel agency: kind, exact, brief.",
        _BOOKING_STEPS.format(
            needs="the city, the pick-up date, the return date, and the kind of car if they care",
            search="Search for cars",
            name="the driver's name",
            subject="a rental car",
        ),
    ),
    tool_servers=("booking",),
    tools=("search-car", "book-car", "get-destination-weather"),
    handoffs=("front_desk",),
    examples=(
        "I need a rental car in {city}",
        "I need a car in {city}",
        "I need a car in {city} from {date} to {date}",
        "I want to rent a car in {city} from {date} to {date}",
        "I would like to rent a car in {city}",
        "I would like to rent a {car_class} car in {city} from {date} to {date}",
        "book a car in {city} from {date} to {date}",
        "how much is a rental car in {city}",
        "in {city}",
        "{city}",
        "from {date} to {date}",
        "{date}",
        "until {date}",
        "a {car_class} car",
        "a {car_class} please",
        "{car_class}",
        "any car",
        "book the {ordinal} one",
        "I will take the {ordinal} one",
        "the {ordinal} one please",
        "book the cheapest one",
        "the cheapest one please",
        "{first_name} {last_name}",
        "my name is {first_name} {last_name}",
        "the name is {first_name} {last_name}",
        "yes please",
        "yes book it",
        "no thank you",
        "that's all",
    ),
)

_POST_BOOKING = Agent(
    name="post_booking",
    description="Looks up an existing booking by its confirmation number and cancels it.",
    voice="cedar",
    instructions=_instructions(
        "# Who you are\nYou look after existing bookings at a travel agency: patient and careful.",
        """
# How you work
1. Ask for the six-digit confirmation number if you do not have it, and read it back digit by digit.
2. Look the booking up and say what it is: what, where, when, and in whose name.
3. If the caller wants to cancel it, say once more which booking that is and ask "Shall I cancel
   it?" Cancel only after a clear yes. Then say that it is cancelled.
4. A booking cannot be changed. Offer to cancel it, and to have a colleague book a new one.

# When to hand back
Hand the caller to the front desk when they want a new booking, when they are done, or when you
cannot help. Say in the context what was found or cancelled.
""".strip(),
    ),
    tool_servers=("post_booking",),
    handoffs=("front_desk",),
    examples=(
        "cancel my booking",
        "cancel my booking {digits_6}",
        "I want to cancel my booking",
        "I want to cancel my booking {digits_6}",
        "I would like to cancel booking {digits_6}",
        "please cancel booking {digits_6}",
        "I need to cancel a reservation",
        "what is the status of my booking",
        "look up my booking",
        "look up booking {digits_6}",
        "tell me about my booking {digits_6}",
        "I have a question about my booking {digits_6}",
        "my confirmation number is {digits_6}",
        "the number is {digits_6}",
        "it is {digits_6}",
        "{digits_6}",
        "yes please",
        "yes cancel it",
        "no keep it",
        "no thank you",
        "that's all",
    ),
)


def _names(text: str) -> tuple[str, ...]:
    """A list of names, written as a sentence would list them."""
    return tuple(name.strip() for name in text.split(","))


_CITIES = _names(
    "Amsterdam, Athens, Atlanta, Auckland, Bangkok, Barcelona, Berlin, Boston, Brussels, Budapest, "
    "Buenos Aires, Cairo, Cape Town, Chicago, Copenhagen, Delhi, Denver, Dubai, Dublin, Edinburgh, "
    "Florence, Geneva, Helsinki, Hong Kong, Honolulu, Istanbul, Las Vegas, Lisbon, London, "
    "Los Angeles, Madrid, Melbourne, Mexico City, Miami, Milan, Montreal, Munich, Nairobi, "
    "New York, Oslo, Paris, Prague, Rio de Janeiro, Rome, San Francisco, Seattle, Seoul, Shanghai, "
    "Singapore, Stockholm, Sydney, Tokyo, Toronto, Vancouver, Venice, Vienna, Warsaw, Washington, "
    "Zurich"
)

TEAM = Team(
    name="travel",
    title="Travel front desk",
    agents=(_FRONT_DESK, _HOTEL_BOOKING, _FLIGHT_BOOKING, _CAR_RENTAL_BOOKING, _POST_BOOKING),
    tool_servers=(
        ToolServer(name="booking", module="mcp_servers.booking"),
        ToolServer(name="post_booking", module="mcp_servers.post_booking"),
    ),
    data_schema={
        "type": "object",
        "properties": {
            "matter": {
                "type": "string",
                "enum": ["hotel", "flight", "car", "booking", "other"],
                "description": "What the call was about; booking: one that was made before.",
            },
            "origin": {"type": "string", "description": "City that the journey begins in."},
            "destination": {"type": "string", "description": "City that the caller travels to."},
            "start_date": {
                "type": "string",
                "format": "date",
                "description": "First day: arrival, departure of the flight, or pick-up.",
            },
            "end_date": {"type": "string", "format": "date", "description": "Last day."},
            "travelers": {"type": "integer", "minimum": 1, "description": "How many people."},
            "confirmation_number": {
                "type": "string",
                "pattern": "^[0-9]+$",
                "description": "Of what was booked, changed or cancelled in the call.",
            },
        },
    },
    vocabulary={
        "city": _CITIES,
        "origin": _CITIES,
        "destination": _CITIES,
        "month": _names(
            "January, February, March, April, May, June, July, August, September, October, "
            "November, December"
        ),
        "ordinal": _names("first, second, third"),
        "hotel_name": _names(
            "Blue Lantern, Castle View, Garden House, Golden Lion, Grand Central, Green Park, "
            "Harbor Lights, Market Square, Old Town Hotel, Opera House, Riverside Inn, "
            "Royal Crown, Silver Oak, Station Hotel, Sunset Terrace, White Rose"
        ),
        "airline": _names("Blue Meridian, Northern Star, Pacific Crown, Silver Wing, Sun Coast"),
        "car_class": _names("economy, compact, standard, luxury, van, sport utility"),
        # Short lists hear better than long ones; these cover most callers of a demonstration.
        "first_name": _names(
            "Alice, Anna, Carol, Daniel, David, Emily, Emma, George, Helen, James, John, Julia, "
            "Karen, Laura, Linda, Lucy, Maria, Mark, Martin, Mary, Michael, Paul, Peter, Robert, "
            "Sarah, Simon, Susan, Thomas"
        ),
        "last_name": _names(
            "Adams, Anderson, Baker, Brown, Carter, Clark, Cooper, Davis, Evans, Garcia, Green, "
            "Harris, Jackson, Johnson, Jones, Keller, Lewis, Martin, Miller, Moore, Parker, "
            "Roberts, Smith, Taylor, Thompson, Walker, White, Williams, Wilson, Young"
        ),
    },
)
