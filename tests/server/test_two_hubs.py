"""Two hubs on one database: the consoles of each show what happens at the other, in order and without a gap."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from conftest import Console, Hub, Widget, on_each_database, running_hub, until

from handoff_server.sockets import console as console_socket

pytestmark = [pytest.mark.asyncio, on_each_database]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that has nothing to write itself hears of the others with the next sign of life of its agents."""
    monkeypatch.setattr(console_socket, "HEARTBEAT_SECONDS", 0.2)


@pytest_asyncio.fixture
async def other(hub: Hub, database: str) -> AsyncIterator[Hub]:
    async with running_hub(database) as running:
        yield running


async def test_consoles_of_both_hubs_tell_the_same_story_while_people_write_at_both(hub: Hub, other: Hub) -> None:
    cookie = await hub.log_in("marta@demo.example")
    async with (
        Console(hub, cookie) as here,
        Console(other, cookie) as there,
        Widget(hub, await hub.widget_session()) as one,
        Widget(other, await other.widget_session()) as two,
    ):
        for widget in (one, two):
            await widget.call("ask_human", client_message_id="h")
        for number in range(10):
            sent = (widget.call("send", client_message_id=f"m{number}", text=f"m{number}") for widget in (one, two))
            await asyncio.gather(*sent)
        await until(lambda: here.seq == there.seq and _said(here) == _said(there) == 20)
        assert here.gaps == there.gaps == 0
        assert _story(here) == _story(there)


async def test_of_two_agents_at_different_hubs_one_gets_the_conversation(hub: Hub, other: Hub) -> None:
    async with (
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(other, await other.log_in("jorge@demo.example")) as jorge,
        Widget(other, await other.widget_session()) as widget,
    ):
        await widget.call("ask_human", client_message_id="h")
        for console in (marta, jorge):
            await until(lambda console=console: widget.conversation_id in console.records["conversations"])
        claims = [console.ask("claim", widget.conversation_id) for console in (marta, jorge)]
        answers = await asyncio.gather(*claims)
        assert sorted(answer["ok"] for answer in answers) == [False, True]
        winner = "Marta" if answers[0]["ok"] else "Jorge"
        await until(lambda: widget.state["agent_name"] == winner)


def _story(console: Console) -> dict[str, Any]:
    """All that a console shows. (A snapshot does not tell who came and went before.)"""
    events = {seq: one for seq, one in console.records["events"].items() if one["conversation_id"]}
    return console.records | {"events": events}


def _said(console: Console) -> int:
    return sum(one["text"].startswith("m") for one in console.records["messages"].values())


async def test_a_chat_that_is_erased_at_one_hub_ends_its_widgets_at_the_other(hub: Hub, other: Hub) -> None:
    session = await hub.widget_session()
    async with (
        Console(other, await other.log_in("marta@demo.example")),
        Widget(hub, session) as here,
        Widget(other, session) as there,
    ):
        await here.call("send", client_message_id="m1", text="hola")
        assert (await here.call("erase"))["ok"]
        await until(lambda: not there.client.connected)


async def test_a_hub_that_writes_nothing_hears_what_is_written_at_the_other(hub: Hub, other: Hub) -> None:
    session = await hub.widget_session()
    async with Widget(hub, session) as here, Widget(other, session) as there:
        await here.call("send", client_message_id="m1", text="hola")
        await until(lambda: any("hola" in text for text in there.texts()))
        assert (await here.call("erase"))["ok"]
        await until(lambda: not there.client.connected)
