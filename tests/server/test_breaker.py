"""An assistant that fails everybody is left alone for a while; one odd message does not silence it."""

from typing import Any

import pytest
from conftest import Hub, Widget, failing, until

from handoff_server.breaker import FAILED_CONVERSATIONS, REST_MS, Breaker


def test_one_customer_alone_cannot_open_it() -> None:
    breaker = Breaker()
    for _ in range(50):
        breaker.failed("c1")
    assert breaker.lets_pass(0) and not breaker.is_open


def test_failures_of_several_customers_in_a_row_open_it_and_a_success_closes_it() -> None:
    breaker = Breaker()
    for number in range(FAILED_CONVERSATIONS):
        assert breaker.lets_pass(number)
        breaker.failed(f"c{number}")
    assert breaker.is_open and not breaker.lets_pass(FAILED_CONVERSATIONS)
    assert breaker.lets_pass(REST_MS + FAILED_CONVERSATIONS), "the trial"
    assert not breaker.lets_pass(REST_MS + FAILED_CONVERSATIONS + 1), "one trial at a time"
    breaker.succeeded()
    assert breaker.lets_pass(REST_MS + FAILED_CONVERSATIONS + 2)


def test_a_clock_that_is_set_back_does_not_keep_it_open() -> None:
    breaker = Breaker()
    assert breaker.lets_pass(10 * REST_MS)
    for number in range(FAILED_CONVERSATIONS):
        breaker.failed(f"c{number}")
    assert breaker.lets_pass(REST_MS)


@pytest.mark.asyncio
async def test_while_the_assistant_is_down_people_get_the_conversations_without_a_wait(hub: Hub) -> None:
    async def gone(turn: dict[str, Any]) -> Any:
        return failing(502)

    hub.rasa.answer = gone
    for _ in range(FAILED_CONVERSATIONS + 2):
        async with Widget(hub, await hub.widget_session()) as widget:
            await widget.call("send", client_message_id="m1", text="hola")
            await until(lambda widget=widget: widget.state["owner"] == "queue")
    assert len(hub.rasa.turns) == FAILED_CONVERSATIONS
