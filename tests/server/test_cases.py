"""A case ends with the customer's yes to "¿quedó resuelto?", and with nothing less."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import Hub, Widget, spoken, until

from handoff_server import tables as t

pytestmark = pytest.mark.asyncio


async def cases(hub: Hub) -> list[str | None]:
    """The outcome of each case, oldest first; None while it is open."""
    outcomes = sa.select(t.cases.c.outcome).order_by(t.cases.c.opened_at, t.cases.c.id)
    return await hub.store.read(lambda connection: list(connection.scalars(outcomes)))


async def test_a_yes_closes_the_case_and_the_next_message_opens_another(hub: Hub) -> None:
    async def solved(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "¡Qué bueno!", case="solved" if turn["text"] == "sí" else None)

    hub.rasa.answer = solved
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="mi pedido")
        await until(lambda: widget.texts().count("¡Qué bueno!") == 1)
        assert await cases(hub) == [None]
        await widget.call("send", client_message_id="m2", text="sí")
        await until(lambda: widget.texts().count("¡Qué bueno!") == 2)
        assert await cases(hub) == ["confirmed"]
        assert widget.state["owner"] == "bot"
        await widget.call("send", client_message_id="m3", text="otra cosa")
        await until(lambda: widget.texts().count("¡Qué bueno!") == 3)
        assert await cases(hub) == ["confirmed", None]


@pytest.mark.parametrize("answer", ["unsolved", None])
async def test_anything_but_a_yes_leaves_the_case_open(hub: Hub, answer: str | None) -> None:
    async def unsolved(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "¿Qué te falta?", case=answer)

    hub.rasa.answer = unsolved
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="no")
        await until(lambda: "¿Qué te falta?" in widget.texts())
        assert await cases(hub) == [None]


async def test_who_has_written_on_before_the_yes_was_heard_still_needs_something(hub: Hub) -> None:
    thinking, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(turn: dict[str, Any]) -> dict[str, Any]:
        thinking.set()
        await go_on.wait()
        return spoken(turn, f"eco: {turn['text']}", case="solved" if turn["text"] == "sí" else None)

    hub.rasa.answer = slowly
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="sí")
        await thinking.wait()
        await widget.call("send", client_message_id="m2", text="espera, falta algo")
        go_on.set()
        await until(lambda: "eco: espera, falta algo" in widget.texts())
        assert await cases(hub) == [None]
