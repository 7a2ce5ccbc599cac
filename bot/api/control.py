"""For people who watch a live call: say a line, coach the agent, mute a side, end the call."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from bot.api.access import Operator, SwitchboardOf
from bot.api.problems import Problem
from bot.control import UnknownCallError, WrongStateError
from bot.outbound.calls import AnsweredError
from bot.transfer_order import TransferKind
from processors.approval import UnknownApprovalError
from processors.dtmf import SENDABLE
from processors.mcp_tools.under_way import Answer
from processors.realtime.muting import Side
from processors.tool_questions import UnknownQuestionError, WrongAnswerError


async def refusals() -> AsyncIterator[None]:
    """Says in HTTP why a call can't be acted on, for all routes of a router."""
    try:
        yield
    except (UnknownCallError, UnknownApprovalError, UnknownQuestionError) as error:
        raise Problem(404, str(error)) from error
    except WrongAnswerError as error:
        raise Problem(422, str(error), field="answers") from error
    except WrongStateError as error:
        raise Problem(409, str(error)) from error


router = APIRouter(
    prefix="/api/calls/{call_id}",
    tags=["control"],
    dependencies=[Depends(refusals)],
    responses={
        404: {"description": "There is no such live call"},
        409: {"description": "The call can't do that now"},
    },
)

CallId = Annotated[str, Path(description="A live call, as its events name it.")]
Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ending(_Request):
    """How a call ends."""

    farewell: Words | None = Field(
        default=None, description="Said before the end, after what is being said already."
    )


class Line(_Request):
    """What the agent is to say."""

    text: Words = Field(description="Said as it is, as soon as nobody else speaks.")


class Instruction(_Request):
    """What the agent is told and the caller does not hear."""

    instruction: Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
    respond: bool = Field(
        default=False, description="Have the agent answer at once, not when it is its turn."
    )


class Keys(_Request):
    """What is pressed."""

    digits: str = Field(
        pattern=f"^{SENDABLE.pattern}$", description="0-9, `*`, `#`; `w` waits for half a second."
    )


class Transfer(_Request):
    """Whom the caller is connected to, and how."""

    to: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")] | None = Field(
        default=None, description="E.164; the team's number or TRANSFER_NUMBER without it."
    )
    kind: TransferKind = Field(
        default="warm", description="Warm: the person hears the summary and presses 1 first."
    )
    summary: Annotated[str, Field(max_length=600)] = ""


class Decision(_Request):
    """What an operator decides."""

    approve: bool


class Reply(_Request):
    """What an operator answers to a tool."""

    action: Literal["accept", "decline", "cancel"] = Field(
        description="decline says no, cancel that nobody answers."
    )
    answers: dict[str, str | int | float | bool | list[str]] | None = Field(
        default=None, description="With accept: by the names in `elicitation.requested`."
    )


class MutedSide(_Request):
    """Whose voice it is about."""

    who: Side


class Done(BaseModel):
    """The call that it was done to; with 202 it is still going on."""

    call_id: str


@router.post("/end", status_code=202)
async def end_call(
    call_id: CallId, switchboard: SwitchboardOf, operator: Operator, ending: Ending | None = None
) -> Done:
    """Ends the call once what is being said, and the farewell, was heard.

    A call that we placed and that nobody has answered yet is cancelled.
    """
    farewell = ending.farewell if ending else None
    if call_id not in switchboard.calls.live:
        try:
            await switchboard.outbound.cancel(call_id)
        except AnsweredError as error:
            raise Problem(409, str(error)) from error
        except LookupError as error:
            raise Problem(404, f"there is no live call {call_id}") from error
        return Done(call_id=call_id)
    switchboard.control.end(call_id, by=operator.name, farewell=farewell)
    return Done(call_id=call_id)


@router.post("/say", status_code=202)
async def say_line(
    call_id: CallId, switchboard: SwitchboardOf, operator: Operator, line: Line
) -> Done:
    """Has the agent say a line exactly as it is."""
    switchboard.control.say(call_id, line.text, by=operator.name)
    return Done(call_id=call_id)


@router.post("/digits", status_code=202)
async def press_digits(
    call_id: CallId, switchboard: SwitchboardOf, operator: Operator, keys: Keys
) -> Done:
    """Presses keys towards the other side of a phone call, behind what is being said."""
    switchboard.control.send_digits(call_id, keys.digits, by=operator.name)
    return Done(call_id=call_id)


@router.post("/transfer", status_code=202)
async def transfer_caller(
    call_id: CallId, switchboard: SwitchboardOf, operator: Operator, wanted: Transfer
) -> Done:
    """Connects the caller to a person, and brings them back if nobody takes the call."""
    switchboard.control.transfer(
        call_id, to=wanted.to, kind=wanted.kind, summary=wanted.summary, by=operator.name
    )
    return Done(call_id=call_id)


@router.post("/approvals/{approval_id}")
async def decide_approval(
    call_id: CallId,
    approval_id: Annotated[str, Path(description="As `approval.requested` names it.")],
    switchboard: SwitchboardOf,
    operator: Operator,
    decision: Decision,
) -> Done:
    """Lets a dangerous tool run that waits, or not; the agent is told what came of it."""
    switchboard.control.decide(call_id, approval_id, approve=decision.approve, by=operator.name)
    return Done(call_id=call_id)


@router.post("/elicitations/{elicitation_id}")
async def answer_tool(
    call_id: CallId,
    elicitation_id: Annotated[str, Path(description="As `elicitation.requested` names it.")],
    switchboard: SwitchboardOf,
    operator: Operator,
    reply: Reply,
) -> Done:
    """Answers what a tool asks before it can go on; the agent is told what came of it."""
    answer = Answer(reply.action, reply.answers if reply.action == "accept" else None)
    switchboard.control.answer(call_id, elicitation_id, answer, by=operator.name)
    return Done(call_id=call_id)


@router.post("/coach")
async def coach_agent(
    call_id: CallId, switchboard: SwitchboardOf, operator: Operator, coaching: Instruction
) -> Done:
    """Tells the agent what to do from its next answer on; the caller does not hear it."""
    switchboard.control.coach(
        call_id, coaching.instruction, respond=coaching.respond, by=operator.name
    )
    return Done(call_id=call_id)


@router.post("/mute")
async def mute_side(
    call_id: CallId, switchboard: SwitchboardOf, operator: Operator, muted: MutedSide
) -> Done:
    """Keeps the caller from the model, or the agent from the caller, until it is undone."""
    await switchboard.control.mute(call_id, muted.who, by=operator.name)
    return Done(call_id=call_id)


@router.post("/unmute")
async def unmute_side(
    call_id: CallId, switchboard: SwitchboardOf, operator: Operator, muted: MutedSide
) -> Done:
    """Undoes a mute; an agent answers what it owes."""
    switchboard.control.unmute(call_id, muted.who, by=operator.name)
    return Done(call_id=call_id)
