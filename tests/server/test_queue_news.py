"""What those who wait hear of their place: the truth, what changed only, and at the price of one look for all."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import Console, Hub, Widget, until

from handoff_server.sockets import widget as widget_socket

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget_socket, "QUEUE_NEWS_SECONDS", 0.1)


@asynccontextmanager
async def waiting(hub: Hub, count: int) -> AsyncIterator[list[Widget]]:
    """Widgets in the queue, first come, first in the list; each keeps the states that it hears in `heard`."""
    async with AsyncExitStack() as stack:
        widgets = []
        for place in range(1, count + 1):
            widget = await stack.enter_async_context(Widget(hub, await hub.widget_session()))
            await widget.call("ask_human", client_message_id="h")
            await until(lambda widget=widget, place=place: widget.state["position"] == place)
            widgets.append(widget)
        yield widgets


def places(widgets: list[Widget]) -> list[Any]:
    return [widget.state["position"] for widget in widgets]


@contextmanager
def heard(widgets: list[Widget]) -> Iterator[list[list[dict[str, Any]]]]:
    """The states that each of them hears from now on."""
    news: list[list[dict[str, Any]]] = [[] for _ in widgets]
    for widget, mine in zip(widgets, news, strict=True):
        widget.client.on(
            "state", lambda state, widget=widget, mine=mine: (widget.state.update(state), mine.append(state))
        )
    yield news


async def test_only_those_whose_place_or_wait_changed_are_told(hub: Hub) -> None:
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta, waiting(hub, 5) as widgets:
        # News come in order: who has seen Jorge come and go has been told whatever the coming of the five made news.
        async with Console(hub, await hub.log_in("jorge@demo.example")):
            await until(lambda: {widget.state["agents_online"] for widget in widgets} == {2})
        await until(lambda: {widget.state["agents_online"] for widget in widgets} == {1})
        with heard(widgets) as news:
            await marta.ask("claim", widgets[2].conversation_id)
            await until(lambda: places(widgets) == [1, 2, None, 3, 4])
            await asyncio.sleep(0.3)
            assert [len(states) for states in news] == [0, 0, 1, 1, 1]
            left = [one for one in widgets if one is not widgets[2]]
            async with Console(hub, await hub.log_in("jorge@demo.example")):
                await until(lambda: {one.state["agents_online"] for one in left} == {2})
            await until(lambda: {one.state["agents_online"] for one in left} == {1})
            assert places(widgets) == [1, 2, None, 3, 4]


async def test_what_one_tab_was_answered_does_not_keep_the_others_in_the_dark(hub: Hub) -> None:
    async with waiting(hub, 2) as (first, second), Widget(hub, second.session) as tab:
        await first.call("back_to_bot")
        await tab.call("resume", since=0)
        await until(lambda: places([second, tab]) == [1, 1])


async def test_a_look_at_the_queue_costs_the_same_however_many_wait(hub: Hub) -> None:
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        costs = [await _reads_of_a_claim(hub, marta, count) for count in (3, 12)]
    assert costs[0] == costs[1]


async def _reads_of_a_claim(hub: Hub, marta: Console, count: int) -> int:
    """How many statements it takes to tell `count` widgets that the first of them is served."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "agents.seen_at >" in statement:
            statements.append(statement)

    async with waiting(hub, count) as widgets:
        await asyncio.sleep(0.3)
        sa.event.listen(hub.store._engine, "before_cursor_execute", note)
        await marta.ask("claim", widgets[0].conversation_id)
        await until(lambda: places(widgets) == [None, *range(1, count)])
        await asyncio.sleep(0.3)
        sa.event.remove(hub.store._engine, "before_cursor_execute", note)
        for widget in widgets:
            await widget.call("back_to_bot")
    return len(statements)
