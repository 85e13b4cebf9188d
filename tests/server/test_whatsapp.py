"""A messaging app's customer: the real hub against a fake platform that loses, repeats, delays and refuses."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from conftest import Console, Hub, agents, on_each_database, running_hub, spoken, until

from tests.fakes.faults import LOST_ACKNOWLEDGEMENT, SILENT, Mishap, Travel
from tests.fakes.platform import Choice
from tests.fakes.server import Server
from tests.fakes.whatsapp import WhatsApp

CUSTOMER = "573001112233"
pytestmark = [pytest.mark.asyncio, on_each_database]


@pytest_asyncio.fixture
async def platform() -> AsyncIterator[WhatsApp]:
    whatsapp = WhatsApp()
    async with Server(whatsapp):
        yield whatsapp


@pytest_asyncio.fixture
async def hub(database: str, platform: WhatsApp) -> AsyncIterator[Hub]:
    async with running_hub(database, **platform.settings, gather_ms=100, unclear_ms=300) as running:
        platform.webhooks.url = f"{running.url}/webhooks/whatsapp"
        await agents(running.store)
        yield running


def heard(platform: WhatsApp) -> list[str]:
    """What the customer's phone shows of ours, without the disclosure that comes first."""
    shown = platform.received(CUSTOMER)
    texts = [one["text"]["body"] if one["type"] == "text" else one["interactive"]["body"]["text"] for one in shown]
    return [text for text in texts if "(IA)" not in text]


def the_conversation(console: Console) -> dict[str, Any]:
    found: dict[str, Any] = next(iter(console.records["conversations"].values()))
    return found


def failing_once(mishap: Mishap, part: str) -> Callable[[dict[str, Any]], Mishap | None]:
    """The first send that holds `part` meets the mishap."""
    left = [mishap]

    def decide(body: dict[str, Any]) -> Mishap | None:
        return left.pop() if left and part in str(body) else None

    return decide


async def test_a_customer_is_answered_and_the_agent_sees_how_far_the_answer_came(hub: Hub, platform: WhatsApp) -> None:
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        platform.name = "Elena"
        platform.say(CUSTOMER, "¿dónde está mi pedido?")
        await until(lambda: heard(platform) == ["eco: ¿dónde está mi pedido?"])
        conversation = await until(lambda: console.records["conversations"] and the_conversation(console))
        await until(lambda: {one["delivery"] for one in console.log(conversation["id"])} == {"delivered"})
    assert conversation["channel"] == "whatsapp" and conversation["customer"]["name"] == "Elena"
    assert [one["what"] for one in platform.journal].count("typing") == 1


async def test_a_webhook_that_the_platform_did_not_sign_is_refused(hub: Hub, platform: WhatsApp) -> None:
    body = b'{"entry": []}'
    assert await platform.webhooks.post(body) == 200
    assert await platform.webhooks.post(body, signature="sha256=00") == 401
    assert await platform.webhooks.post(body, signature=platform.webhooks.sign(body + b" ")) == 401
    async with httpx.AsyncClient() as http:
        assert (await http.post(platform.webhooks.url, content=body)).status_code == 401
        assert (await http.post(f"{hub.url}/webhooks/nowhere", content=body)).status_code == 404


async def test_the_address_is_proved_only_with_the_verify_token(hub: Hub) -> None:
    async with httpx.AsyncClient(base_url=hub.url) as http:
        query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "verify"}
        right = await http.get("/webhooks/whatsapp", params=query)
        wrong = await http.get("/webhooks/whatsapp", params=query | {"hub.verify_token": "guess"})
    assert (right.status_code, right.text) == (200, "1158201444")
    assert wrong.status_code == 403


async def test_repeated_and_late_webhooks_change_nothing(hub: Hub, platform: WhatsApp) -> None:
    platform.faults.travel = lambda kind: Travel(copies=3, delay=0.3 if kind == "status:sent" else 0)
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        platform.say(CUSTOMER, "hola")
        await until(lambda: heard(platform) == ["eco: hola"])
        await platform.webhooks.settled()
        log = await until(lambda: console.log(the_conversation(console)["id"]))
        assert [one["text"] for one in log if one["direction"] == "incoming"] == ["hola"]
        assert {one["delivery"] for one in log} == {"delivered"}, "a late `sent` takes nothing back"
    assert len(hub.rasa.turns) == 1


async def test_messages_close_to_each_other_are_one_need(hub: Hub, platform: WhatsApp) -> None:
    for text in ("hola", "mi pedido", "no llega"):
        platform.say(CUSTOMER, text)
        await asyncio.sleep(0.04)
    await until(lambda: heard(platform))
    assert [turn["text"] for turn in hub.rasa.turns] == ["hola\nmi pedido\nno llega"]


async def test_a_message_whose_acknowledgement_is_lost_is_not_sent_again(hub: Hub, platform: WhatsApp) -> None:
    platform.faults.mishap = failing_once(LOST_ACKNOWLEDGEMENT, "eco")
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        platform.say(CUSTOMER, "hola")
        log = await until(lambda: [one for one in _log(console) if one["text"] == "eco: hola"])
        await until(lambda: _log(console)[-1]["delivery"] == "delivered")
        await asyncio.sleep(0.5)
        assert the_conversation(console)["owner"] == "bot"
    assert len(log) == 1 and heard(platform) == ["eco: hola"]


async def test_a_bots_answer_that_perhaps_never_arrived_brings_a_person(hub: Hub, platform: WhatsApp) -> None:
    platform.faults.mishap = failing_once(Mishap(taken=False, broken=True), "eco")
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        platform.say(CUSTOMER, "hola")
        await until(lambda: console.records["conversations"] and the_conversation(console)["owner"] == "queue")
        failed = [one for one in _log(console) if one["delivery"] == "failed"]
        assert [(one["text"], one["delivery_error"]) for one in failed] == [("eco: hola", "unclear")]
        assert the_conversation(console)["handoff"]["evidence"]["values"] == {"error": "not_delivered:unclear"}
    await until(lambda: len(heard(platform)) == 1)


async def test_what_the_platform_did_not_take_is_sent_again_in_order(hub: Hub, platform: WhatsApp) -> None:
    async def two(turn: dict[str, Any]) -> Any:
        return spoken(turn, "uno", "dos")

    hub.rasa.answer = two
    platform.faults.mishap = failing_once(Mishap(code=130429, retry_after=1), "uno")
    platform.say(CUSTOMER, "hola")
    await until(lambda: heard(platform) == ["uno", "dos"])
    assert [one["code"] for one in platform.journal if one["what"] == "refused"] == [130429]


async def test_a_bots_words_that_still_wait_are_never_sent_after_a_take_over(hub: Hub, platform: WhatsApp) -> None:
    platform.faults.mishap = failing_once(Mishap(code=131016, retry_after=1), "eco")
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        platform.say(CUSTOMER, "hola")
        await until(lambda: any(one["what"] == "refused" for one in platform.journal))
        taken = await console.ask("take_over", the_conversation(console)["id"])
        assert taken["ok"]
        await until(lambda: [one["delivery"] for one in _log(console) if one["author"] == "bot"] == ["suppressed"])
        assert (await console.ask("reply", taken["conversation_id"], client_message_id="r1", text="Soy Marta"))["ok"]
        await until(lambda: heard(platform)[-1:] == ["Soy Marta"])
    assert "eco: hola" not in heard(platform)


async def test_a_refused_answer_is_shown_to_the_agent_who_can_send_it_again(hub: Hub, platform: WhatsApp) -> None:
    platform.faults.mishap = failing_once(Mishap(code=131026), "Le ayudo")
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        platform.say(CUSTOMER, "Agente")
        await until(lambda: console.records["conversations"] and the_conversation(console)["owner"] == "queue")
        claimed = await console.ask("claim", the_conversation(console)["id"])
        sent = await console.ask("reply", claimed["conversation_id"], client_message_id="r1", text="Le ayudo")
        failed = await until(lambda: [one for one in _log(console) if one["delivery"] == "failed"])
        assert [(one["id"], one["delivery_error"]) for one in failed] == [(sent["message"]["id"], "whatsapp:131026")]
        assert (await console.call("retry", message_id=failed[0]["id"]))["ok"]
        await until(lambda: _log(console)[-1]["delivery"] == "delivered")
    assert heard(platform)[-1] == "Le ayudo" and hub.rasa.turns == [], "the word alone calls a person, without Rasa"


async def test_a_receipt_that_the_platform_refused_is_sent_again_by_who_has_the_conversation(
    hub: Hub, platform: WhatsApp
) -> None:
    platform.faults.mishap = failing_once(Mishap(code=131026), "te paso")
    async with (
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
    ):
        platform.say(CUSTOMER, "agente")
        (receipt,) = await until(lambda: [one for one in _log(marta) if one["delivery"] == "failed"])
        assert receipt["author"] == "system"
        refused = [await marta.call("retry", message_id=receipt["id"])]
        await marta.ask("claim", receipt["conversation_id"])
        refused.append(await jorge.call("retry", message_id=receipt["id"]))
        assert [answer["error"]["code"] for answer in refused] == ["not_owner", "not_owner"]
        assert (await marta.call("retry", message_id=receipt["id"]))["ok"]
        await until(lambda: heard(platform).count(receipt["text"]) == 1)
        again = await marta.call("retry", message_id=receipt["id"])
        assert again["error"]["code"] == "invalid_request", "once is enough"


async def test_a_platform_that_never_answers_holds_up_nobody_else(hub: Hub, platform: WhatsApp) -> None:
    platform.faults.mishap = lambda body: SILENT if body["to"] == CUSTOMER else None
    platform.say(CUSTOMER, "hola")
    await until(lambda: any(one["what"] == "asked" for one in platform.journal))
    platform.say("573009998877", "hello")
    await until(lambda: platform.received("573009998877"))
    assert heard(platform) == []


async def test_only_a_button_that_was_offered_here_means_anything(hub: Hub, platform: WhatsApp) -> None:
    async def offer(turn: dict[str, Any]) -> Any:
        return spoken(turn, "¿Quedó resuelto?", buttons=[{"title": "Sí", "payload": "/affirm"}])

    hub.rasa.answer = offer
    platform.say(CUSTOMER, "hola")
    shown = await until(lambda: [one for one in platform.received(CUSTOMER) if one["type"] == "interactive"])
    button = shown[0]["interactive"]["action"]["buttons"][0]["reply"]
    assert "affirm" not in str(button)
    platform.take(CUSTOMER, Choice("b-guessed", "Sí", "wamid.x", "button_reply"))
    await until(lambda: len(hub.rasa.turns) == 2)
    platform.press(CUSTOMER, "Sí")
    await until(lambda: len(hub.rasa.turns) == 3)
    assert [turn.get("text") or turn.get("payload") for turn in hub.rasa.turns] == ["hola", "Sí", "/affirm"]


async def test_more_than_three_choices_are_a_list_to_open(hub: Hub, platform: WhatsApp) -> None:
    async def ask(turn: dict[str, Any]) -> Any:
        stars = [{"title": f"{one} · Regular", "payload": f'/rate{{"csat": "{one}"}}'} for one in range(5, 0, -1)]
        return spoken(turn, "¿Cómo te fue?", buttons=stars)

    hub.rasa.answer = ask
    platform.say(CUSTOMER, "hola")
    shown = await until(lambda: [one for one in platform.received(CUSTOMER) if one["type"] == "interactive"])
    assert shown[0]["interactive"]["type"] == "list"
    rows = shown[0]["interactive"]["action"]["sections"][0]["rows"]
    assert [row["title"] for row in rows] == [f"{one} · Regular" for one in range(5, 0, -1)]
    platform.press(CUSTOMER, rows[1]["title"])
    await until(lambda: len(hub.rasa.turns) == 2)
    assert hub.rasa.turns[-1]["payload"] == '/rate{"csat": "4"}'


def _log(console: Console) -> list[dict[str, Any]]:
    return console.log(the_conversation(console)["id"]) if console.records["conversations"] else []


async def test_a_name_that_no_database_keeps_loses_no_message(hub: Hub, platform: WhatsApp) -> None:
    platform.name = "Ana \ud83d\x00"
    platform.say(CUSTOMER, "hola\x00\ud83d")
    await until(lambda: heard(platform) == ["eco: hola?"])


async def test_that_a_first_try_failed_told_once_more_spoils_no_second_try(hub: Hub, platform: WhatsApp) -> None:
    platform.faults.mishap = failing_once(Mishap(fails_later=131026), "Le ayudo")
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        platform.say(CUSTOMER, "agente")
        await until(lambda: console.records["conversations"] and the_conversation(console)["owner"] == "queue")
        claimed = await console.ask("claim", the_conversation(console)["id"])
        await console.ask("reply", claimed["conversation_id"], client_message_id="r1", text="Le ayudo")
        failed = await until(lambda: [one for one in _log(console) if one["delivery"] == "failed"])
        first = next(one for one in platform.journal if one["what"] == "taken" and "Le ayudo" in str(one["body"]))
        platform.statuses = ("sent",)
        assert (await console.call("retry", message_id=failed[0]["id"]))["ok"]
        await until(lambda: _log(console)[-1]["delivery"] == "sent")
        platform.tell_status(first["id"], "failed", first["body"], 131026)
        await platform.webhooks.settled()
        assert (await console.call("snapshot"))["change"]["messages"][-1]["delivery"] == "sent"
