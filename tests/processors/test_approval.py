"""Dangerous tools run only with a yes that the model cannot give itself."""

import asyncio
import json

import pytest

from agents.team import Agent
from processors.approval import (
    OPERATOR_TIMEOUT_S,
    Approvals,
    UnknownApprovalError,
    is_yes,
)
from processors.events.tools import ApprovalDecided, ApprovalRequested, ToolFinished
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True

QUESTION = "Shall I cancel booking 1 2 3 4 5 6?"


class Talk:
    """The conversation as the approvals see it, which exists only after them."""

    def __init__(self):
        self.call = None

    async def spoken(self):
        return await self.call.conductor.spoken()

    def tell(self, fact, *, respond):
        self.call.conductor.controls.coaching.tell(fact, respond=respond)

    def mask(self, text):
        return self.call.conductor.secrets.mask(text)


class GuardedCall(RealtimeCall):
    def __init__(self, approver="caller"):
        self.ran = []

        async def cancel(call):
            self.ran.append(call.arguments)
            return ToolResult('{"summary": "It is cancelled."}')

        talk = Talk()
        agent = Agent(
            name="front",
            description="",
            instructions="",
            operator_approves=("cancel-booking",) if approver == "operator" else (),
        )
        events = []
        self.approvals = Approvals(talk, events.append, destructive="caller")
        tools = [tool("cancel-booking", cancel, destructive=True), tool("look-up")]
        super().__init__(tools=self.approvals.guarded(agent, tools))
        talk.call = self
        self.approvals._emit = self.events.append


async def agent_says(call, server, text):
    if server.active is None:
        server.begin_response()
    server.say(text, 500)
    server.finish()
    await settle()
    call.hear(500)
    await settle()


async def calls_the_tool(server, arguments='{"number": "123456"}', name="cancel-booking"):
    """The model's call, and what it was answered."""
    if server.active is None:
        server.begin_response()
    call_id = server.call(name, arguments)
    server.finish()
    await asyncio.sleep(0.01)
    return server.outputs()[call_id]


async def test_a_yes_to_the_agents_question_lets_the_tool_run_once():
    async with GuardedCall() as call:
        server = await call.greeted()
        server.caller_says("Cancel my booking 1 2 3 4 5 6.")
        await settle()
        await agent_says(call, server, QUESTION)
        server.caller_says("Yes please.")
        await settle()
        assert "is cancelled" in await calls_the_tool(server)
        assert call.ran == [{"number": "123456"}]
        assert "needs the caller's clear yes" in await calls_the_tool(server), "one yes, one deed"
        assert len(call.ran) == 1


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (QUESTION, "No, keep it."),
        (QUESTION, "I don't know."),
        (QUESTION, "Yes, but not today, don't do it."),
        ("Is there anything else?", "Yes please."),
        ("I will cancel it now.", "Yes."),
    ],
    ids=["no", "no yes", "taken back", "another question", "no question"],
)
async def test_whatever_is_no_clear_yes_to_it_holds_the_tool(question, answer):
    async with GuardedCall() as call:
        server = await call.greeted()
        server.caller_says("Cancel my booking.")
        await settle()
        await agent_says(call, server, question)
        server.caller_says(answer)
        await settle()
        assert "Not carried out" in await calls_the_tool(server)
        assert not call.ran
        [requested] = call.of(ApprovalRequested)
        assert (requested.tool, requested.of) == ("cancel-booking", "caller")


async def test_a_held_tool_runs_after_the_agent_has_asked_and_the_caller_agreed():
    async with GuardedCall() as call:
        server = await call.greeted()
        server.caller_says("Cancel my booking.")
        await settle()
        assert "Not carried out" in await calls_the_tool(server)
        assert "Not carried out" in await calls_the_tool(server), "calling again is no yes"
        await agent_says(call, server, "Soll ich die Buchung stornieren?")
        assert "Not carried out" in await calls_the_tool(server), "asking is no yes"
        server.finish() if server.active else None
        server.caller_says("Ja, bitte.")
        await settle()
        assert "is cancelled" in await calls_the_tool(server)
        assert [e.decision for e in call.of(ApprovalDecided)] == ["approved"]


async def test_a_late_transcript_is_waited_for():
    async with GuardedCall() as call:
        server = await call.greeted()
        server.caller_says("Cancel my booking.")
        await settle()
        await agent_says(call, server, QUESTION)
        item = server.caller_starts()
        server.caller_stops(item)
        server.answer_turn()
        await settle()
        call_id = server.call("cancel-booking", '{"number": "123456"}')
        server.finish()
        await asyncio.sleep(1)
        assert not call.ran
        server.transcribe(item, "Yes, cancel it.")
        await asyncio.sleep(0.01)
        assert "is cancelled" in server.outputs()[call_id]


async def test_tools_that_are_not_dangerous_are_not_held():
    async with GuardedCall() as call:
        server = await call.greeted()
        server.caller_says("Look it up.")
        await settle()
        assert await calls_the_tool(server, "{}", "look-up") == "look-up done"


def told(server):
    items = [event["item"] for event in server.of_kind("conversation.item.create")]
    return [i["content"][0]["text"] for i in items if i.get("role") == "system"]


async def held_for_an_operator(call):
    server = await call.greeted()
    server.caller_says("Cancel my booking.")
    await settle()
    await agent_says(call, server, QUESTION)
    server.caller_says("Yes please.")
    await settle()
    output = json.loads(await calls_the_tool(server))
    assert "a colleague has to approve" in output["error"]
    [requested] = call.of(ApprovalRequested)
    return server, requested.approval_id


async def test_an_operators_yes_runs_the_tool_and_the_agent_tells():
    async with GuardedCall("operator") as call:
        server, approval_id = await held_for_an_operator(call)
        call.approvals.decide(approval_id, approve=True, by="ann")
        await settle()
        assert call.ran == [{"number": "123456"}]
        assert "It is cancelled." in told(server)[-1]
        assert [(e.decision, e.by) for e in call.of(ApprovalDecided)] == [("approved", "ann")]
        assert call.of(ToolFinished)[-1].tool_call_id == approval_id
        with pytest.raises(UnknownApprovalError):
            call.approvals.decide(approval_id, approve=True, by="ann")


async def test_an_operators_no_is_told():
    async with GuardedCall("operator") as call:
        server, approval_id = await held_for_an_operator(call)
        call.approvals.decide(approval_id, approve=False, by="ann")
        await settle()
        assert not call.ran
        assert "not approved" in told(server)[-1]


async def test_an_approval_that_nobody_gives_expires_and_the_agent_says_so():
    async with GuardedCall("operator") as call:
        server, _ = await held_for_an_operator(call)
        await asyncio.sleep(OPERATOR_TIMEOUT_S + 1)
        assert not call.ran
        assert "Nobody approved" in told(server)[-1]
        assert [e.decision for e in call.of(ApprovalDecided)] == ["expired"]


def test_what_is_a_yes():
    for text in ("Yes.", "yes please", "Yes, cancel it.", "OK, go ahead", "Sure!", "Oui"):
        assert is_yes(text), text
    for text in ("No.", "not yet", "yes, no, wait", "Hello", "yes " * 20, "Yesterday"):
        assert not is_yes(text), text
