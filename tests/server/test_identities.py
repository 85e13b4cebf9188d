"""A customer who is verified on a second channel is the same customer; nobody else ever is."""

from typing import Any

import pytest
import sqlalchemy as sa
from conftest import Console, Hub, Widget, on_each_database, running_hub, spoken, until
from conftest import agents as people

from handoff_server import tables as t
from handoff_server.service.erasure import erase
from handoff_server.service.identities import proven
from tests.fakes.server import Server
from tests.fakes.telegram import Telegram
from tests.fakes.whatsapp import WhatsApp

VERIFIED = {"order_number": "RX-4821", "email": "Elena@example.com", "verified_order": "RX-4821", "vip": False}


def test_only_the_email_of_the_verified_order_proves_anything() -> None:
    assert proven(VERIFIED) == proven(VERIFIED | {"email": "elena@example.com "})
    assert proven(VERIFIED | {"verified_order": None}) is None
    assert proven(VERIFIED | {"order_number": "RX-1111"}) is None, "the e-mail may belong to the next order"
    assert proven({name: value for name, value in VERIFIED.items() if name != "email"}) is None
    assert proven({"email": "elena@example.com"}) is None, "whoever says so"


@pytest.mark.asyncio
async def test_verified_on_two_channels_a_customer_has_one_history(database: str) -> None:
    async def answer(turn: dict[str, Any]) -> Any:
        named = VERIFIED | {"verified_name": "Elena Rojas"}
        slots = named if "RX-4821" in turn["text"] else {"email": "elena@example.com"}
        return spoken(turn, f"eco: {turn['text']}", slots=slots)

    whatsapp, telegram = WhatsApp(), Telegram()
    async with Server(whatsapp, telegram):
        settings = whatsapp.settings | telegram.settings | {"gather_ms": 50}
        async with running_hub(database, **settings) as hub:
            hub.rasa.answer = answer
            await people(hub.store)
            whatsapp.webhooks.url = f"{hub.url}/webhooks/whatsapp"
            telegram.webhooks.url = f"{hub.url}/webhooks/telegram"
            async with Console(hub, await hub.log_in("marta@demo.example")) as console:

                def customer(channel: str) -> str:
                    shown = console.records["conversations"].values()
                    return str(next(one["customer"]["id"] for one in shown if one["channel"] == channel))

                whatsapp.name = "Elena"
                whatsapp.say("573001112233", "mi pedido RX-4821")
                await until(lambda: "eco: mi pedido RX-4821" in whatsapp.shown("573001112233"))
                telegram.say("42", "soy Elena")
                await until(lambda: "eco: soy Elena" in telegram.shown("42"))
                assert customer("whatsapp") != customer("telegram"), "a name and an unproved e-mail link nobody"
                telegram.say("42", "mi pedido RX-4821")
                await until(lambda: customer("whatsapp") == customer("telegram"))
                told = [one["name"] for one in console.records["events"].values()]
                assert told.count("conversation.identified") == 1
                mine = next(one for one in console.records["conversations"].values() if one["channel"] == "telegram")
                previous = await console.call("previous", conversation_id=mine["id"])
                assert [one["channel"] for one in previous["conversations"]] == ["whatsapp"]
                names = {one["channel"]: one["customer"]["name"] for one in console.records["conversations"].values()}
                assert names["whatsapp"] == "Elena", "the channel's own name stays"
                assert "conversation.named" not in told
                whatsapp.say("573001112233", "¿ya salió?")
                await until(lambda: "eco: ¿ya salió?" in whatsapp.shown("573001112233"))

                async def page(before: int | None, limit: int) -> tuple[list[str], int]:
                    told = await console.call("history", conversation_id=mine["id"], before=before, limit=limit)
                    said = [one["text"] for one in told["change"]["messages"] if one["author"] == "customer"]
                    return said, told["since"]

                everything = ["mi pedido RX-4821", "soy Elena", "mi pedido RX-4821", "¿ya salió?"]
                assert await page(None, 100) == (everything, 0)
                newest, since = await page(None, 2)
                assert newest == everything[1:], "this conversation's own in any case"
                assert await page(since, 100) == (everything[:3], 0)

                known = customer("whatsapp")
                await hub.store.run(erase, mine["id"])
                await until(lambda: customer("telegram") != known)
                assert customer("whatsapp") == known, "nobody becomes free to be proved somebody else"
                identities = sa.select(t.customers.c.identity).where(t.customers.c.id == known)
                assert await hub.store.read(lambda connection: connection.scalar(identities)) == proven(VERIFIED)


async def _shop(turn: dict[str, Any]) -> Any:
    """Whoever writes of RX-4821 is its buyer, RX-1111 is somebody else's; all other words prove nothing."""
    slots: dict[str, Any] = {"order_number": "RX-4821", "email": "elena@example.com", "verified_name": "Mallory"}
    if "RX-4821" in turn["text"]:
        slots = VERIFIED | {"verified_name": " Elena Rojas "}
    if "RX-1111" in turn["text"]:
        other = {"order_number": "RX-1111", "verified_order": "RX-1111", "email": "tomas@example.com"}
        slots = VERIFIED | other | {"verified_name": "Tomás Arango"}
    return spoken(turn, f"eco: {turn['text']}", slots=slots)


@pytest.mark.asyncio
@on_each_database
async def test_the_shops_name_is_shown_once_the_order_is_verified_and_goes_with_the_chat(hub: Hub) -> None:
    hub.rasa.answer = _shop
    cookie = await hub.log_in("marta@demo.example")
    async with Console(hub, cookie) as marta, Widget(hub, await hub.widget_session()) as widget:

        async def said(number: int, text: str) -> str | None:
            await widget.call("send", client_message_id=f"m{number}", text=text)
            await until(lambda: f"eco: {text}" in marta.texts(widget.conversation_id))
            name: str | None = marta.records["conversations"][widget.conversation_id]["customer"]["name"]
            return name

        def events() -> list[str]:
            return [one["name"] for one in marta.records["events"].values()]

        async def kept() -> list[str | None]:
            def names(connection: sa.Connection) -> list[str | None]:
                here = t.customers.join(t.conversations)
                wanted = sa.select(t.customers.c.name).select_from(here)
                return list(connection.scalars(wanted.where(t.conversations.c.id == widget.conversation_id)))

            return await hub.store.read(names)

        assert await said(1, "soy Elena Rojas") is None, "nobody has proved anything"
        assert await said(2, "mi pedido RX-4821") == "Elena Rojas"
        assert await kept() == ["Elena Rojas"]
        assert await said(3, "y el RX-1111") == "Elena Rojas", "another person's order renames nobody"
        assert await said(4, "mi pedido RX-4821 otra vez") == "Elena Rojas"
        assert events().count("conversation.named") == 1
        async with Console(hub, cookie) as fresh:
            for kind in ("conversations", "messages", "events"):
                for key, one in fresh.records[kind].items():
                    assert marta.records[kind][key] == one
        assert (await widget.call("erase"))["ok"]
        await until(lambda: "Elena" not in str(marta.records))
        assert await kept() == [None]


@pytest.mark.asyncio
async def test_who_was_verified_before_the_shop_told_a_name_is_named_later(hub: Hub) -> None:
    told: dict[str, Any] = {}

    async def answer(turn: dict[str, Any]) -> Any:
        return spoken(turn, f"eco: {turn['text']}", slots=VERIFIED | told)

    hub.rasa.answer = answer
    cookie = await hub.log_in("marta@demo.example")
    async with Console(hub, cookie) as marta, Widget(hub, await hub.widget_session()) as widget:
        names = []
        for number, name in enumerate(["", "Elena Rojas" + " de la Cruz" * 20]):
            told["verified_name"] = name
            await widget.call("send", client_message_id=f"m{number}", text=f"hola {number}")
            said = f"eco: hola {number}"
            await until(lambda said=said: said in marta.texts(widget.conversation_id))
            names.append(marta.records["conversations"][widget.conversation_id]["customer"]["name"])
        assert names[0] is None
        assert names[1].startswith("Elena Rojas de la Cruz") and len(names[1]) <= 120
