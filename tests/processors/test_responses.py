import pytest

from processors.realtime.responses import ResponseRequest, Responses

VIRTUAL_TIME = True


@pytest.fixture
def responses():
    return Responses()


def sent(responses):
    request = responses.next()
    assert request
    return request


async def test_one_request_at_a_time(responses):
    first, second = ResponseRequest(), ResponseRequest({"tool_choice": "none"})
    responses.add(first)
    responses.add(second)
    assert responses.next() is first
    assert responses.next() is None
    responses.created("r1", first.token)
    assert responses.active == "r1"
    # What waits and is about nothing newer is seen to by the response that begins.
    assert responses.next() is None
    responses.done("r1", "completed")
    assert second.finished.result() == "completed"


async def test_a_request_about_something_newer_waits_for_its_own_response(responses):
    first, second = ResponseRequest(), ResponseRequest({"tool_choice": "none"}, ["item_1"])
    responses.add(first)
    responses.add(second)
    responses.created("r1", sent(responses).token)
    responses.item_seen("item_1")
    assert responses.next() is None
    responses.done("r1", "completed")
    assert responses.next() is second


async def test_requests_for_the_same_thing_become_one(responses):
    first, second = ResponseRequest(about=["a"]), ResponseRequest(about=["b"])
    responses.created("r0", None)
    responses.add(first)
    responses.add(second)
    responses.done("r0", "completed")
    assert responses.next() is first
    responses.created("r1", first.token)
    responses.done("r1", "completed")
    assert responses.next() is None
    assert first.finished.result() == "completed"


async def test_an_exact_request_is_not_seen_to_by_another_response(responses):
    line = ResponseRequest({"instructions": "…"}, is_exact=True)
    responses.caller_started()
    responses.add(line)
    responses.caller_stopped(is_answered=True)
    assert responses.next() is None
    responses.created("r1", None)
    responses.done("r1", "completed")
    assert not line.finished.done()
    assert responses.next() is line


async def test_nothing_is_sent_while_the_caller_speaks_or_is_owed_an_answer(responses):
    request = ResponseRequest()
    responses.caller_started()
    responses.add(request)
    assert responses.next() is None
    responses.caller_stopped(is_answered=True)
    assert responses.next() is None
    assert responses.is_answer_due
    responses.no_answer()
    assert responses.next() is request


async def test_nothing_is_owed_where_the_server_answers_no_turns(responses):
    request = ResponseRequest()
    responses.caller_started()
    responses.add(request)
    responses.caller_stopped(is_answered=False)
    assert responses.next() is request


async def test_a_turn_that_ends_into_a_response_gets_an_answer_of_its_own(responses):
    responses.created("r1", None)
    responses.caller_started()
    responses.caller_stopped(is_answered=True)
    assert responses.next() is None
    responses.done("r1", "completed")
    assert sent(responses).parameters == {}


async def test_a_turn_that_the_server_answers_all_the_same_is_not_answered_twice(responses):
    responses.created("r1", None)
    responses.caller_started()
    responses.caller_stopped(is_answered=True)
    responses.created("r2", None)
    responses.done("r2", "completed")
    assert responses.is_idle


async def test_a_refused_request_waits_for_the_response_that_was_in_its_way(responses):
    request = ResponseRequest(about=["item_1"])
    responses.add(request)
    sent(responses)
    responses.refused(request.event_id)
    # We do not even know yet which response that is.
    assert responses.next() is None
    responses.done("unknown", "completed")
    assert responses.next() is request


async def test_a_refused_request_that_the_other_response_saw_to_is_dropped(responses):
    request = ResponseRequest()
    responses.caller_started()
    responses.caller_stopped(is_answered=True)
    responses.no_answer()
    responses.add(request)
    sent(responses)
    responses.created("r1", "somebody else's")
    responses.refused(request.event_id)
    responses.done("r1", "cancelled")
    assert request.finished.result() == "cancelled"
    assert responses.next() is None


async def test_a_server_that_does_not_echo_metadata_is_understood(responses):
    request = ResponseRequest()
    responses.add(request)
    sent(responses)
    responses.created("r1", None)
    responses.done("r1", "completed")
    assert request.finished.result() == "completed"
    assert responses.is_idle


async def test_a_request_that_failed_says_so(responses):
    request = ResponseRequest()
    responses.add(request)
    sent(responses)
    assert not responses.failed("another event")
    assert responses.failed(request.event_id)
    assert request.finished.result() == "failed"
    assert responses.is_idle


async def test_the_end_of_the_session_fails_what_was_asked_for(responses):
    waiting, under_way = ResponseRequest({"a": 1}, ["x"]), ResponseRequest()
    responses.add(under_way)
    responses.created("r1", sent(responses).token)
    responses.add(waiting)
    responses.close()
    assert waiting.finished.result() == under_way.finished.result() == "failed"
    # What was owed is still known: the next session will see to it.
    assert not responses.is_idle
