"""A customer who is verified on a second channel is the same customer; nobody else ever is."""

from typing import Any

import pytest
from conftest import Console, running_hub, spoken, until
from conftest import agents as people

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
        slots = VERIFIED if "RX-4821" in turn["text"] else {"email": "elena@example.com"}
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
