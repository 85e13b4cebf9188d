"""An assistant that fails everybody is left alone for a while; one odd message does not silence it."""

import asyncio
from typing import Any

import pytest
from conftest import Console, Hub, Widget, failing, until

from handoff_server import breaker
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
@pytest.mark.parametrize("status", [502, 503, 504])
async def test_while_the_assistant_is_down_people_get_the_conversations_without_a_wait(hub: Hub, status: int) -> None:
    async def gone(turn: dict[str, Any]) -> Any:
        return failing(status)

    hub.rasa.answer = gone
    for _ in range(FAILED_CONVERSATIONS + 2):
        await _fails(hub)
    assert len(hub.rasa.turns) == FAILED_CONVERSATIONS


@pytest.mark.asyncio
async def test_what_is_wrong_with_one_message_is_not_taken_for_an_assistant_that_is_down(hub: Hub) -> None:
    async def confused(turn: dict[str, Any]) -> Any:
        return failing(500)

    hub.rasa.answer = confused
    for _ in range(FAILED_CONVERSATIONS + 2):
        await _fails(hub)
    assert len(hub.rasa.turns) == FAILED_CONVERSATIONS + 2


@pytest.mark.asyncio
async def test_consoles_hear_that_the_assistant_is_down_and_that_it_is_back(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(turn: dict[str, Any]) -> Any:
        return failing(503)

    monkeypatch.setattr(breaker, "REST_MS", 300)
    hub.rasa.answer = gone
    heard: list[str] = []
    async with Console(hub, await hub.log_in("lucia@demo.example")) as console:
        console.client.on("assistant", lambda news: heard.append(news["state"]))
        assert (await console.call("snapshot"))["assistant"] == "up"
        for _ in range(FAILED_CONVERSATIONS + 1):
            await _fails(hub)
        await until(lambda: heard == ["down"])
        assert (await console.call("sync", since=console.seq))["assistant"] == "down"
        hub.rasa.answer = None
        await asyncio.sleep(0.4)
        async with Widget(hub, await hub.widget_session()) as widget:
            await widget.call("send", client_message_id="m1", text="hola")
            await until(lambda: heard == ["down", "up"])
        assert (await console.call("sync", since=console.seq))["assistant"] == "up"


async def _fails(hub: Hub) -> None:
    """A customer asks and is handed over to people."""
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="hola")
        await until(lambda: widget.state["owner"] == "queue")
