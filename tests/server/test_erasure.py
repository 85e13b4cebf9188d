"""A customer deletes the chat: nothing of it can be read any more, and that something happened stays counted."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import Console, Hub, Widget, on_each_database, spoken, until

from handoff_server import tables as t
from handoff_server.conversations import Actor
from handoff_server.transaction import Tx

pytestmark = [pytest.mark.asyncio, on_each_database]
SECRET = "Zanahoria-4711"


async def everything(hub: Hub) -> str:
    """All rows of all tables, as text."""

    def dump(connection: sa.Connection) -> str:
        rows = (row for table in t.metadata.sorted_tables for row in connection.execute(sa.select(table)))
        return "\n".join(str(tuple(row)) for row in rows)

    return str(await hub.store.read(dump))


async def angry(turn: dict[str, Any]) -> dict[str, Any]:
    return spoken(turn, f"¿{SECRET}?", slots={"email": f"{SECRET}@example.com"})


async def test_nothing_is_left_to_read_and_consoles_see_the_same_as_a_fresh_one(hub: Hub) -> None:
    hub.rasa.answer = angry
    cookie = await hub.log_in("marta@demo.example")
    async with Console(hub, cookie) as marta, Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text=f"soy {SECRET}")
        await until(lambda: f"¿{SECRET}?" in widget.texts())
        await widget.call("ask_human", client_message_id="m2")
        await until(lambda: widget.conversation_id in marta.records["conversations"])
        await until(lambda: marta.records["conversations"][widget.conversation_id]["owner"] == "queue")
        await marta.ask("claim", widget.conversation_id)
        await until(lambda: marta.records["conversations"][widget.conversation_id]["owner"] == "agent")
        await marta.ask("reply", widget.conversation_id, client_message_id="r1", text=f"hola {SECRET}")
        await marta.ask("reply", widget.conversation_id, client_message_id="r2", text=f"nota {SECRET}", private=True)
        assert SECRET in await everything(hub)

        assert (await widget.call("erase"))["ok"]
        assert SECRET not in await everything(hub)
        await until(lambda: hub.rasa.forgotten == [{"conversation_id": widget.conversation_id}])
        await until(lambda: SECRET not in str(marta.records))
        kept = marta.records["conversations"][widget.conversation_id]
        assert (kept["owner"], kept["case"], kept["customer"]["name"]) == ("bot", None, None)
        assert marta.records["events"][marta.seq]["name"] == "conversation.erased"
        async with Console(hub, cookie) as fresh:
            for kind in ("conversations", "messages", "events"):
                for key, one in fresh.records[kind].items():
                    assert marta.records[kind][key] == one
        assert "handoff.requested" in {event["name"] for event in marta.records["events"].values()}


async def test_the_token_opens_nothing_any_more(hub: Hub) -> None:
    session = await hub.widget_session()
    async with Widget(hub, session) as widget:
        await widget.call("send", client_message_id="m1", text="hola")
        await widget.call("erase")
        await until(lambda: not widget.client.connected)
    with pytest.raises(Exception, match="failed to connect"):
        async with Widget(hub, session):
            pass


async def test_what_the_bot_was_about_to_say_is_not_written_down(hub: Hub) -> None:
    thinking, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(turn: dict[str, Any]) -> dict[str, Any]:
        thinking.set()
        await go_on.wait()
        return await angry(turn)

    hub.rasa.answer = slowly
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="hola")
        await thinking.wait()
        await widget.call("erase")
        go_on.set()
        await asyncio.sleep(0.3)
        assert SECRET not in await everything(hub)


async def test_a_transcript_link_shows_nothing_of_it(hub: Hub) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text=SECRET)
        link = (await widget.call("transcript"))["url"]
        async with httpx.AsyncClient() as http:
            before = await http.get(link)
            await widget.call("erase")
            after = await http.get(link)
    assert SECRET in before.text
    assert SECRET not in after.text


async def test_the_customers_name_goes_from_everything_that_was_said(hub: Hub) -> None:
    def named(tx: Tx, conversation_id: str) -> None:
        conversation = replace(tx.conversation(conversation_id), customer_name=SECRET)
        tx.save(conversation)
        tx.record("conversation.identified", Actor("bot"), conversation=conversation)

    cookie = await hub.log_in("marta@demo.example")
    async with Console(hub, cookie) as marta, Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="hola")
        await hub.store.run(named, widget.conversation_id)
        await widget.call("send", client_message_id="m2", text="sigo aquí")
        assert SECRET in await everything(hub)
        await widget.call("erase")
        assert SECRET not in await everything(hub)
        await until(lambda: SECRET not in str(marta.records))
