"""Places calls."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel

from bot.api.access import Operator, SwitchboardOf
from bot.api.problems import Problem
from bot.api.twilio_signature import public_url
from bot.calls import new_call_id
from bot.carrier import CarrierAwayError
from bot.outbound.call import OutboundCall
from bot.outbound.calls import KeyInUseError, NoAccountError, Webhooks
from bot.outbound.rules import QuietHoursError, RefusedCallError, TooManyCallsError
from bot.outbound.states import Status
from bot.outbound.wishes import CallRequest, plan_of
from bot.rollout import ClosedError

router = APIRouter(prefix="/api", tags=["outbound"])


class PlacedCallView(BaseModel):
    """A call that was handed to the carrier. ``id`` names it from now on, also in its events."""

    id: str
    status: Status
    to: str
    team: str
    task: str | None


@router.post(
    "/calls",
    status_code=202,
    responses={
        202: {"headers": {"Location": {"schema": {"type": "string"}}}},
        409: {"description": "Quiet hours, or the idempotency key is in use"},
        429: {"description": "Too many calls at once, or in the last minute"},
        502: {"description": "The carrier did not take the call"},
        503: {"description": "No account at a carrier, all lines are busy, or the service is off"},
    },
)
async def place_call(
    request: Request,
    response: Response,
    wanted: CallRequest,
    switchboard: SwitchboardOf,
    _operator: Operator,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> PlacedCallView:
    """Places a call. The same ``Idempotency-Key`` with the same request is the same call."""
    if not switchboard.calls.has_room:
        switchboard.metrics.refused("outbound")
        stops = switchboard.calls.is_draining
        why = "the service is shutting down" if stops else "all lines are busy"
        raise Problem(503, why, headers={"Retry-After": "30"})
    asked: dict[str, Any] = wanted.model_dump(mode="json", exclude_defaults=True)
    if wanted.task:
        asked["task"] = wanted.task.model_dump(mode="json")
    webhooks = Webhooks(base=public_url(switchboard.settings, request, "http"))
    try:
        plan = plan_of(wanted, switchboard.settings, switchboard.team_named)
        switchboard.rollout.check_open(new_call_id(), plan.to)
        call = await switchboard.outbound.place(plan, asked, webhooks, key=idempotency_key)
    except RefusedCallError as refused:
        raise _problem(refused) from refused
    except ClosedError as closed:
        switchboard.metrics.refused("outbound", is_off=True)
        raise Problem(503, str(closed), headers={"Retry-After": "300"}) from closed
    except CarrierAwayError as away:
        raise Problem(502, str(away)) from away
    response.headers["Location"] = f"/api/calls/{call.id}"
    return _view(call)


def _problem(refused: RefusedCallError) -> Problem:
    match refused:
        case TooManyCallsError(retry_after_s=seconds):
            return Problem(429, str(refused), headers={"Retry-After": str(seconds)})
        case QuietHoursError(retry_after_s=seconds):
            after = {"Retry-After": str(seconds)}
            return Problem(409, str(refused), field=refused.field, headers=after)
        case KeyInUseError():
            return Problem(409, str(refused), field=refused.field)
        case NoAccountError():
            return Problem(503, str(refused))
        case _:
            return Problem(422, str(refused), field=refused.field)


def _view(call: OutboundCall) -> PlacedCallView:
    return PlacedCallView(
        id=call.id,
        status=call.status,
        to=call.plan.to or "",
        team=call.plan.team.name,
        task=call.plan.task,
    )
