"""Calls that we place: an agent made for each call from its task.

A task is a class here: what it needs to know, how the agent opens and what it is told, which
answers the call is to bring home, and what an answering machine gets to hear. Adding a task means
adding a class, and its name to `OutreachTask`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.team import Agent, Team

Text = Annotated[str, Field(min_length=1, max_length=500)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
IfMachine = Literal["leave_message", "hang_up"]

_MANNER = """
# How you speak
You are on the telephone and you have called: the other person did not expect you, hears you and
sees nothing.
- One or two short sentences at a time, in everyday words. No lists, no markup, no web addresses.
- Ask one question at a time, then stop and listen. Never ask again for what was answered.
- Say dates with the day of the week and the month, and times the way people say them. Say numbers
  that matter one digit at a time.
- You are an automated assistant and said so when you opened. If asked, say so again; never claim
  to be a person.
- If they interrupt, stop and answer what they said. If you did not catch something, say so and ask
  for that one thing again.

# Whom you may talk to
Private details are for the person you called and nobody else. If somebody else answers, ask
whether the person is there; if not, say that you will try again, and end the call. If you have the
wrong number, apologise and end the call.

# What is true
Say nothing about the matter that is not written here. If they ask for what you do not know, say so,
and say whom they can ask. Never ask for a card number, a password or an identity document.

# When to end
Never talk anybody into staying. If they are busy, do not want to be called, or ask you to stop,
apologise for the interruption, record what you know, say goodbye and end the call. When everything
is done, thank them, say goodbye in one sentence and end the call.

# What you record
Record each answer with your tool as soon as you have it, in their sense and not in yours, and never
one that was not given. Recording is silent: do not announce it.
""".strip()

_PHRASES = (
    "hello",
    "hello who is this",
    "who is calling",
    "yes",
    "yes speaking",
    "yes this is me",
    "yes that is right",
    "yes please",
    "yes of course",
    "yes go ahead",
    "no",
    "no thank you",
    "no I do not have time",
    "I am busy right now",
    "wrong number",
    "please do not call again",
    "what is this about",
    "can you repeat that please",
    "thank you",
    "thank you goodbye",
    "goodbye",
)


class Task(BaseModel):
    """What every call needs to know.

    Attributes:
        organisation: On whose behalf we call, as it is said.
        person: Whom we call, as it is said; None when anybody who answers will do.
        call_back_number: Where they can reach the organisation.
        if_machine: What to do when a machine answers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    role: ClassVar[Agent]
    """The agent before it knows of a call: what is the same in all calls of the task."""

    organisation: Text
    person: Text | None = None
    call_back_number: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")] | None = None
    if_machine: IfMachine = "hang_up"

    @property
    def opening(self) -> str:
        """Who calls and whom, up to the reason of the call."""
        whom = f" Am I speaking with {self.person}?" if self.person else ""
        return f"Hello, this is the automated assistant of {self.organisation}.{whom}"

    @property
    def greeting(self) -> str:
        """What is said first."""
        return self.opening

    @property
    def brief(self) -> str:
        """What this call is about, for the agent."""
        raise NotImplementedError

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """The answers that the call is to bring home: name to JSON Schema."""
        raise NotImplementedError

    @property
    def voicemail(self) -> str | None:
        """What a machine gets to hear; None for nothing. It names no private detail."""
        return self._message("We will try again.") if self.if_machine == "leave_message" else None

    def _message(self, matter: str) -> str:
        whom = f" This is a message for {self.person}." if self.person else ""
        number = self.call_back_number
        back = f" Please call us back at {' '.join(number[1:])}." if number else ""
        return f"Hello.{whom} This is {self.organisation}. {matter}{back} Goodbye."

    def team(self) -> Team:
        """The one agent that has the call."""
        facts = [
            f"You call for {self.organisation}.",
            f"The person you call is {self.person}." if self.person else "",
            f"They can call back at {self.call_back_number}." if self.call_back_number else "",
            f'You open the call by saying: "{self.greeting}"',
        ]
        told = "\n".join((*(fact for fact in facts if fact), self.brief))
        agent = replace(
            self.role,
            instructions=f"{self.role.instructions}\n\n# This call\n{told}",
            greeting=self.greeting,
        )
        return Team(
            name=TEAM.name,
            title=TEAM.title,
            agents=(agent,),
            answers={"type": "object", "properties": self.answers},
        )


def _role(name: str, description: str, how: str, *phrases: str) -> Agent:
    return Agent(
        name=name,
        description=description,
        instructions=f"{how.strip()}\n\n{_MANNER}",
        voice="marin",
        examples=(*phrases, *_PHRASES),
    )


class AppointmentReminder(Task):
    """Reminds somebody of an appointment and asks whether they will come."""

    role = _role(
        "appointment_reminder",
        "Reminds people of their appointments and asks whether they will come.",
        """
# Who you are
You remind people of their appointments: friendly, exact, brief.

# How you work
1. Make sure that you speak with the right person before you say what the appointment is.
2. Say what it is, on which day and at what time, and ask whether they will come.
3. If they cannot come, ask whether they want another time, and which would suit them. You cannot
   move the appointment yourself: say that the office will call to agree on it.
4. Repeat in one sentence what you will pass on.
""",
        "yes I will be there",
        "yes I will come",
        "I can not come",
        "I need another time",
        "can I come on {date}",
        "please cancel it",
    )

    type: Literal["appointment_reminder"] = "appointment_reminder"
    person: Text
    appointment: Text = Field(description="What it is, such as 'a dental check-up'.")
    at: datetime = Field(description="When, as the local time of the appointment.")
    location: Text | None = None
    notes: Annotated[str, Field(max_length=1000)] = Field(
        default="", description="What to bring or to keep in mind."
    )
    if_machine: IfMachine = "leave_message"

    @property
    def brief(self) -> str:
        """See `Task.brief`."""
        where = f" at {self.location}" if self.location else ""
        notes = f" {self.notes}" if self.notes else ""
        return f"The appointment is {self.appointment} on {_moment(self.at)}{where}.{notes}"

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """See `Task.answers`."""
        return {
            "attendance": {
                "type": "string",
                "enum": ["confirmed", "wants_another_time", "cancelled", "undecided"],
                "description": "Will you be able to come?",
            },
            "preferred_time": {
                "type": "string",
                "description": "Which other time would suit you? Only when they want another one.",
            },
        }

    @property
    def voicemail(self) -> str | None:
        """See `Task.voicemail`."""
        if self.if_machine == "hang_up":
            return None
        return self._message(f"We would like to remind you of your visit on {_moment(self.at)}.")


class Question(BaseModel):
    """One question of a survey.

    Attributes:
        key: Its name in the results.
        text: As it is asked.
        kind: What counts as an answer.
        options: What there is to choose from, for ``choice``.
        low: Lowest mark, for ``rating``.
        high: Highest mark, for ``rating``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    key: Key
    text: Text
    kind: Literal["rating", "choice", "yes_no", "number", "text"] = "text"
    options: tuple[Text, ...] = Field(default=(), max_length=12)
    low: int = Field(default=1, ge=0, le=10)
    high: int = Field(default=5, ge=1, le=100)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "choice") != (len(self.options) > 1):
            raise ValueError("options are what a choice has, at least two of them")
        if self.low >= self.high:
            raise ValueError(f"low is {self.low}; it must be below high, {self.high}")
        return self

    @property
    def schema_(self) -> dict[str, Any]:
        """JSON Schema of an answer."""
        kinds: dict[str, dict[str, Any]] = {
            "rating": {"type": "integer", "minimum": self.low, "maximum": self.high},
            "choice": {"type": "string", "enum": list(self.options)},
            "yes_no": {"type": "boolean"},
            "number": {"type": "number"},
            "text": {"type": "string"},
        }
        return {**kinds[self.kind], "description": self.text}

    @property
    def line(self) -> str:
        """As the agent reads it."""
        hints = {
            "rating": f" (from {self.low} to {self.high})",
            "choice": f" ({', '.join(self.options)})",
            "yes_no": " (yes or no)",
        }
        return f"{self.text}{hints.get(self.kind, '')}"


class Survey(Task):
    """Asks a few questions and takes the answers down."""

    role = _role(
        "survey",
        "Asks the questions of a survey and takes the answers down.",
        """
# Who you are
You hold short surveys: neutral, attentive, brief.

# How you work
1. Ask whether this is a good moment. If not, say thank you and end the call.
2. Ask the questions in their order, each in its own words. Say what there is to choose from.
3. Take any answer as it is: no comment, no argument, no hint at a better one. If it does not fit
   the question, ask once more and go on.
4. They may skip a question or stop at any time: leave it out.
""",
        "I would say {number}",
        "{number}",
        "{number} out of five",
        "{yes_no}",
        "I do not know",
        "I would rather not say",
    )

    type: Literal["survey"] = "survey"
    topic: Text = Field(description="What it is about, such as 'your stay with us'.")
    questions: tuple[Question, ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [question.key for question in self.questions]
        if len(set(keys)) != len(keys):
            raise ValueError("questions: each needs a key of its own")
        return self

    @property
    def greeting(self) -> str:
        """See `Task.greeting`."""
        count = len(self.questions)
        few = "one short question" if count == 1 else f"{count} short questions"
        return (
            f"Hello, this is the automated assistant of {self.organisation}. I have {few} "
            f"about {self.topic}. Is this a good moment?"
        )

    @property
    def brief(self) -> str:
        """See `Task.brief`."""
        lines = [f"{i}. {question.line}" for i, question in enumerate(self.questions, start=1)]
        return "\n".join((f"You ask about {self.topic}. The questions:", *lines))

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """See `Task.answers`."""
        return {question.key: question.schema_ for question in self.questions}


class Notification(Task):
    """Tells somebody something and makes sure that it was understood."""

    role = _role(
        "notification",
        "Tells people something that they should know, and makes sure that it was understood.",
        """
# Who you are
You bring people news from an organisation: clear, calm, brief.

# How you work
1. Make sure that you speak with the right person, if the call names one.
2. Say the message in your own short sentences, completely, and ask whether that was clear.
3. Repeat what was not. If they have a question that the message does not answer, take it down and
   say that the organisation will get back to them.
""",
        "yes that was clear",
        "yes I understand",
        "I have a question",
    )

    type: Literal["notification"] = "notification"
    message: Annotated[str, Field(min_length=1, max_length=2000)]
    if_machine: IfMachine = "leave_message"
    voicemail_message: Text | None = Field(
        default=None, description="What a machine gets to hear; by default to call back."
    )

    @property
    def greeting(self) -> str:
        """See `Task.greeting`."""
        asked = "" if self.person else " I have a message for you. Is this a good moment?"
        return f"{self.opening}{asked}"

    @property
    def brief(self) -> str:
        """See `Task.brief`."""
        return f'The message: "{self.message}"'

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """See `Task.answers`."""
        return {
            "understood": {"type": "boolean", "description": "Was that clear?"},
            "question": {
                "type": "string",
                "description": "What would you like to know? Only when they have a question.",
            },
        }

    @property
    def voicemail(self) -> str | None:
        """See `Task.voicemail`."""
        if self.if_machine == "hang_up":
            return None
        return self._message(self.voicemail_message or "We have a message for you.")


class Custom(Task):
    """Anything else, by instructions of the user's own."""

    role = _role(
        "custom",
        "Carries out what the call was ordered for.",
        """
# Who you are
You call people on behalf of an organisation: friendly, exact, brief.

# How you work
Do what this call is for, step by step, and nothing beyond it.
""",
        "yes I can",
        "no I can not",
        "on {date}",
        "{number}",
    )

    type: Literal["custom"] = "custom"
    instructions: Annotated[str, Field(min_length=1, max_length=8000)]
    opening_line: Text | None = Field(default=None, description="What is said first.")
    questions: tuple[Question, ...] = Field(default=(), max_length=20)
    voicemail_message: Text | None = None

    @model_validator(mode="after")
    def _has_what_it_leaves(self) -> Self:
        if self.if_machine == "leave_message" and not self.voicemail_message:
            raise ValueError("voicemail_message is what leave_message needs")
        return self

    @property
    def greeting(self) -> str:
        """See `Task.greeting`."""
        asked = "" if self.person else " Is this a good moment?"
        return self.opening_line or f"{self.opening}{asked}"

    @property
    def brief(self) -> str:
        """See `Task.brief`."""
        asked = "\n".join(f"- {question.line}" for question in self.questions)
        return f"{self.instructions}\n{f'You find out:{chr(10)}{asked}' if asked else ''}".strip()

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """See `Task.answers`."""
        asked = {question.key: question.schema_ for question in self.questions}
        return asked or {"outcome": {"type": "string", "description": "What came of the call?"}}

    @property
    def voicemail(self) -> str | None:
        """See `Task.voicemail`."""
        if self.if_machine == "hang_up":
            return None
        return self._message(self.voicemail_message or "")


OutreachTask = Annotated[
    AppointmentReminder | Survey | Notification | Custom, Field(discriminator="type")
]
"""Any task, told apart by ``type``."""

TASKS: Mapping[str, type[Task]] = {
    task.model_fields["type"].default: task for task in get_args(get_args(OutreachTask)[0])
}

_CALL_BACKS = Agent(
    name="call_backs",
    description="Answers people who call back the number that called them.",
    voice="marin",
    greeting="Hello, you have reached our automated calls. How can I help you?",
    instructions=f"""
# Who you are
You answer people who call back a number that called them: friendly and brief.

# How you work
You cannot see why they were called. Say that this number is used for appointment reminders, surveys
and notices, that nothing is lost, and that we will try again. If they want no more calls, say that
you will pass it on, and end the call.

{_MANNER}
""".strip(),
    examples=("you called me", "why did you call me", "I missed a call", *_PHRASES),
)

TEAM = Team(
    name="outreach",
    title="Outbound calls",
    agents=(_CALL_BACKS, *(task.role for task in TASKS.values())),
)


def _moment(at: datetime) -> str:
    clock = f"{at:%I:%M %p}".lstrip("0").replace(":00 ", " ")
    return f"{at:%A}, {at:%B} {at.day}, at {clock}"
