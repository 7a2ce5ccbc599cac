"""Calls that we place: an agent made for each call from its task.

A task is a class here: what it needs to know, how the agent opens and what it is told, which
answers the call is to bring home, and what an answering machine gets to hear. Adding a task means
adding a class, and its name to `OutreachTask`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from agents.outbound.manner import CALLED_BACK, PHRASES
from agents.outbound.tasks import (
    TEAM_NAME,
    TEAM_TITLE,
    IfMachine,
    Question,
    Task,
    Text,
    moment_of,
    role_of,
)
from agents.team import Agent, Team


class AppointmentReminder(Task):
    """Reminds somebody of an appointment and asks whether they will come."""

    role = role_of(
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
        return f"The appointment is {self.appointment} on {moment_of(self.at)}{where}.{notes}"

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
        return self._message(f"We would like to remind you of your visit on {moment_of(self.at)}.")


class Survey(Task):
    """Asks a few questions and takes the answers down."""

    role = role_of(
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

    role = role_of(
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

    role = role_of(
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

# What they ask
- "why did you call me", "who called me", "what is this about", "I missed a call", "you called me":
  say "This number calls about appointments, surveys and news. I can't see which it was, but nothing
  is lost: we will try again."
- "who is calling", "who is this", "who are you": say "You have reached an automated assistant. This
  number calls people about appointments, surveys and news."
- "please do not call me again", "please do not call again", "stop calling me", "take me off your
  list": say "I am sorry for the disturbance. I pass on that you want no more calls. Goodbye!" and
  end the call.
- "wrong number": say "I am sorry for the mix up. Goodbye!" and end the call.
- "I want to change my appointment", "I can not come to my appointment": say "I can't change an
  appointment on this line. The office will see that you called about it."

{CALLED_BACK}
""".strip(),
    examples=(
        "you called me",
        "why did you call me",
        "who called me",
        "who are you",
        "I missed a call",
        "I missed a call from this number",
        "stop calling me",
        "please do not call me again",
        "take me off your list",
        "I want to change my appointment",
        "I can not come to my appointment",
        *PHRASES,
    ),
)

TEAM = Team(
    name=TEAM_NAME,
    title=TEAM_TITLE,
    agents=(_CALL_BACKS, *(task.role for task in TASKS.values())),
    data_schema={
        "type": "object",
        "properties": {
            "matter": {
                "type": "string",
                "enum": ["missed_call", "appointment", "no_more_calls", "other"],
                "description": "What somebody called back for.",
            },
            "no_more_calls": {
                "type": "boolean",
                "description": "Whether they asked not to be called any more.",
            },
        },
    },
)
