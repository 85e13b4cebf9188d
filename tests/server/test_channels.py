"""Every channel carries the whole of a conversation: the bot, a person with a picture, the way back, the survey; with
everything delivered twice, and what goes wrong told."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import files
import httpx
import pytest
from conftest import Console, Hub, Widget, agents, free_port, running_hub, spoken, until

from handoff_server.settings import ROOT
from tests.fakes.faults import Body, Mishap, Travel
from tests.fakes.pages import Instagram, Messenger
from tests.fakes.platform import Platform
from tests.fakes.server import Server
from tests.fakes.telegram import Telegram
from tests.fakes.twilio import Twilio
from tests.fakes.whatsapp import WhatsApp

CUSTOMER = "573001112233"
pytestmark = pytest.mark.asyncio


FAKES: dict[str, Callable[[], Platform]] = {
    "whatsapp": WhatsApp,
    "twilio_whatsapp": Twilio,
    "telegram": Telegram,
    "messenger": Messenger,
    "instagram": Instagram,
}
FETCHES = ("instagram", "twilio_whatsapp")  # platforms that come for a file, and must be told where


class WebPhone:
    """The widget, on a line that says everything twice."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[Any]] = set()

    def say(self, _customer: str, text: str) -> None:
        self._send(text=text)

    def press(self, _customer: str, title: str) -> None:
        offered = [button for one in self._messages() for button in one["buttons"] if button["title"] == title]
        self._send(button=offered[-1]["id"])

    def _send(self, **what: str) -> None:
        said = {"client_message_id": f"w{next(self._numbers)}", **what}
        self._tasks |= {asyncio.create_task(self._widget.call("send", **said)) for _ in range(2)}

    def _messages(self) -> list[dict[str, Any]]:
        ours = self._widget.messages
        return [ours[key] for key in sorted(ours) if ours[key]["author"] != "customer"]

    def shown(self, _customer: str) -> list[str]:
        return [one["text"] for one in self._messages()]

    def pictures(self, _customer: str) -> int:
        return sum(file["kind"] == "image" for one in self._messages() for file in one["attachments"])


@asynccontextmanager
async def connected(database: str, name: str, **more: Any) -> AsyncIterator[tuple[Hub, Any]]:
    phone, port = FAKES[name](), free_port()
    async with Server(phone):
        public = {"public_url": f"http://127.0.0.1:{port}"} if name in FETCHES else {}
        settings = phone.settings | {"gather_ms": 50, "unclear_ms": 300} | public | more
        async with running_hub(database, port, **settings) as hub:
            phone.webhooks.url = f"{hub.url}/webhooks/{name}"
            await agents(hub.store)
            yield hub, phone


async def _bot(turn: dict[str, Any]) -> Any:
    if "handoff_resolved" in str(turn.get("payload")):
        stars = [{"title": f"{one} estrellas", "payload": f'/rate{{"csat": "{one}"}}'} for one in range(5, 0, -1)]
        return spoken(turn, "¿Cómo te fue?", buttons=stars)
    return spoken(turn, f"eco: {turn.get('text') or turn.get('payload')}")


def only(console: Console) -> dict[str, Any]:
    (found,) = console.records["conversations"].values()
    return dict(found)


def _always(folder: Path) -> Path:
    teams = folder / "teams.yml"
    teams.write_text((ROOT / "teams.yml").read_text("utf-8").replace("hours: office", "hours: always"), "utf-8")
    return teams


def _troubled(phone: Platform) -> None:
    """Everything is told twice and in any order; the bot's first answer and the agent's picture are refused once."""
    left = ["eco", "Así queda"]

    def refuses(body: Body) -> Mishap | None:
        if left and left[0] in str(body):
            left.pop(0)
            return Mishap(code=phone.later, retry_after=1)
        return None

    phone.faults.travel = lambda _kind: Travel(copies=2, spread=0.2)
    phone.faults.mishap = refuses


@pytest.mark.parametrize("name", FAKES)
async def test_a_channel_carries_the_whole_conversation(database: str, name: str, tmp_path: Path) -> None:
    async with connected(database, name, teams_file=_always(tmp_path)) as (hub, phone):
        _troubled(phone)
        phone.faults.down = True
        phone.say(CUSTOMER, "¿dónde está mi pedido?")
        await until(
            lambda: any("essage" in one.get("path", "") for one in phone.journal if one["what"] == "unavailable")
        )
        assert phone.shown(CUSTOMER) == []
        phone.faults.down = False
        await _converse(hub, phone, choices=name != "twilio_whatsapp")
        assert [one["code"] for one in phone.journal if one["what"] == "refused"] == [phone.later] * 2


async def test_the_widget_carries_the_same_conversation(database: str, tmp_path: Path) -> None:
    async with running_hub(database, gather_ms=50, teams_file=_always(tmp_path)) as hub:
        await agents(hub.store)
        async with Widget(hub, await hub.widget_session()) as widget:
            phone = WebPhone(widget)
            phone.say(CUSTOMER, "¿dónde está mi pedido?")
            await _converse(hub, phone, choices=True)


async def _converse(hub: Hub, phone: Any, choices: bool) -> None:
    """After the first question: the answer, a person who shows a picture, the way back, the survey."""
    hub.rasa.answer = _bot
    cookie = await hub.log_in("marta@demo.example")

    def place(words: str) -> int:
        found = [number for number, one in enumerate(phone.shown(CUSTOMER)) if words in one]
        assert len(found) < 2, f"{words!r} was said {len(found)} times"
        return found[0] if found else -1

    async with Console(hub, cookie) as console:
        await until(lambda: place("eco: ¿dónde está mi pedido?") > 0, seconds=20)
        assert "(IA)" in phone.shown(CUSTOMER)[0], "whom one talks to is said first"
        phone.say(CUSTOMER, "Agente")
        await until(lambda: only(console)["owner"] == "queue")
        conversation = (await console.ask("claim", only(console)["id"]))["conversation_id"]
        await _send_picture(hub, cookie, console, conversation)
        await until(lambda: phone.pictures(CUSTOMER) == 1 and place("Así queda") > 0, seconds=20)
        assert (await console.ask("resolve", conversation, disposition="solved"))["ok"]
        await until(lambda: place("¿Cómo te fue?") > 0)
        answer = "5 estrellas" if choices else "5"
        (phone.press if choices else phone.say)(CUSTOMER, answer)
        rated = 'eco: /rate{"csat": "5"}'
        await until(lambda: place(rated) > 0)
        back = [number for number, one in enumerate(phone.shown(CUSTOMER)) if "asistente virtual (IA)" in one][-1]
        order = [place("eco: ¿dónde"), place("Así queda"), back, place("¿Cómo te fue?"), place(rated)]
        assert order == sorted(order), "whom one talks to is said again before the survey, and all in its order"
        shown = [one for one in phone.shown(CUSTOMER) if one]
        assert len(shown) == len(set(shown)), "nothing was said twice"
        said = [one["text"] for one in console.log(conversation) if one["direction"] == "incoming"]
        assert said == ["¿dónde está mi pedido?", "Agente", "5 estrellas"], "a number is the choice it stands for"


async def _send_picture(hub: Hub, cookie: str, console: Console, conversation: str) -> None:
    headers = {"Cookie": cookie, "Origin": hub.url}
    async with httpx.AsyncClient(base_url=hub.url, headers=headers) as http:
        address = f"/api/v1/attachments?conversation_id={conversation}&name=foto.png"
        kept = await http.post(address, content=files.png())
        assert kept.status_code == 201, kept.text
    more = {"client_message_id": "p1", "text": "Así queda", "attachments": [kept.json()["id"]]}
    sent = await console.ask("reply", conversation, private=False, **more)
    assert sent["ok"], sent


@pytest.mark.parametrize("name", FAKES)
async def test_what_nobody_signed_is_refused_and_counted(database: str, name: str) -> None:
    async with connected(database, name) as (hub, phone):
        assert await phone.webhooks.post(b"{}") == 200
        assert await phone.webhooks.post(b"{}", signature="sha256=00") == 401
        async with httpx.AsyncClient(base_url=hub.url) as http:
            assert (await http.post(f"/webhooks/{name}", content=b"{}")).status_code == 401
            counted = (await http.get("/metrics")).text
        assert f'relevo_webhooks_total{{channel="{name}",outcome="unsigned"}} 2.0' in counted


async def test_who_blocks_the_bot_is_told_to_the_agent_and_nobody_is_called(database: str) -> None:
    async with connected(database, "telegram") as (hub, phone):
        phone.faults.mishap = lambda _send: Mishap(code=403)
        async with Console(hub, await hub.log_in("marta@demo.example")) as console:
            phone.say(CUSTOMER, "hola")
            await until(lambda: console.records["conversations"] and only(console)["window"])
            assert only(console)["owner"] == "bot" and only(console)["window"]["then"] == "closed"
            failed = [one["delivery_error"] for one in console.log(only(console)["id"]) if one["delivery"] == "failed"]
            assert failed[0] == "telegram:403"
            phone.faults.mishap = lambda _send: None
            phone.say(CUSTOMER, "volví")
            await until(lambda: "eco: volví" in phone.shown(CUSTOMER))
            assert only(console)["window"] is None


async def test_a_long_text_leaves_in_parts_and_none_of_them_twice(database: str) -> None:
    """Choices that no button can hold are numbered lines, and the number is understood."""
    titles = ["Cambiar la dirección de mi pedido", "Devolver uno de los productos"]
    async with connected(database, "messenger") as (hub, phone):

        async def answer(turn: dict[str, Any]) -> Any:
            buttons = [{"title": title, "payload": f"/x{place}"} for place, title in enumerate(titles)]
            return spoken(turn, ("Una frase que se repite. " * 150).strip(), buttons=buttons)

        hub.rasa.answer = answer
        left = [Mishap(code=613)]
        phone.faults.mishap = lambda body: left.pop() if left and titles[0] in str(body) else None
        phone.say(CUSTOMER, "hola")
        await until(lambda: any(f"2. {titles[1]}" in one for one in phone.shown(CUSTOMER)))
        parts = phone.shown(CUSTOMER)[1:]
        assert len(parts) == 2 and not left and all(len(part) <= 2000 for part in parts)
        hub.rasa.answer = None
        phone.say(CUSTOMER, "la 2")
        await until(lambda: [turn for turn in hub.rasa.turns if turn.get("payload") == "/x1"])


async def test_corrections_deletions_and_emoji_are_shown_as_such(database: str) -> None:
    async with (
        connected(database, "messenger") as (hub, phone),
        Console(hub, await hub.log_in("marta@demo.example")) as console,
    ):
        phone.event(CUSTOMER, {"message": {"mid": "m1", "text": "mi pedido es RX-1"}})
        await until(lambda: "eco: mi pedido es RX-1" in phone.shown(CUSTOMER))
        phone.event(CUSTOMER, {"message_edit": {"mid": "m1", "text": "mi pedido es RX-2"}})
        phone.event(CUSTOMER, {"message": {"mid": "m2", "text": "esto no"}})
        await until(lambda: "eco: esto no" in phone.shown(CUSTOMER))
        phone.event(CUSTOMER, {"message": {"mid": "m2", "is_deleted": True}})
        phone.event(CUSTOMER, {"reaction": {"mid": "m1", "action": "react", "emoji": "❤"}}, heard=False)
        phone.read(CUSTOMER)

        def heard() -> dict[str, Any]:
            log = console.log(only(console)["id"])
            return {one["id"]: one for one in log if one["direction"] == "incoming"}

        await until(lambda: any(one["deleted_at"] for one in heard().values()))
        await until(lambda: any(one["reaction"] == "❤" for one in heard().values()))
        first, second = heard().values()
        assert (first["text"], second["text"]) == ("mi pedido es RX-2", "") and first["edited_at"]
        said = [one for one in console.log(only(console)["id"]) if one["author"] == "bot"]
        await until(
            lambda: {one["delivery"] for one in console.log(only(console)["id"]) if one["author"] == "bot"} == {"read"}
        )
        assert said


async def test_menus_links_and_other_applications_are_understood(database: str) -> None:
    async with (
        connected(database, "messenger") as (hub, phone),
        Console(hub, await hub.log_in("marta@demo.example")) as console,
    ):
        phone.event(CUSTOMER, {"message": {"mid": "s1", "text": "a otra app"}}, where="standby")
        await until(lambda: console.records["conversations"])
        phone.event(CUSTOMER, {"postback": {"mid": "p1", "title": "Empezar", "payload": "GET_STARTED"}})
        await until(lambda: "eco: None" in phone.shown(CUSTOMER))
        assert [turn.get("payload") for turn in hub.rasa.turns] == ["/greet"], "what others answer is only listened to"
        phone.event(CUSTOMER, {"postback": {"mid": "p2", "title": "Persona", "payload": "HUMAN"}})
        await until(lambda: only(console)["owner"] == "queue")


async def test_telegram_commands_and_every_button_pressed_are_answered(database: str) -> None:
    async with connected(database, "telegram") as (hub, phone):

        async def ask(turn: dict[str, Any]) -> Any:
            return spoken(turn, "¿Quedó?", buttons=[{"title": "Sí", "payload": "/affirm"}])

        hub.rasa.answer = ask
        async with Console(hub, await hub.log_in("marta@demo.example")) as console:
            phone.say(CUSTOMER, "/start anuncio7")
            await until(lambda: "¿Quedó?" in phone.shown(CUSTOMER))
            phone.press(CUSTOMER, "Sí")
            await until(lambda: [turn.get("payload") for turn in hub.rasa.turns] == ["/greet", "/affirm"])
            referred = [one for one in console.records["events"].values() if one["name"] == "conversation.referred"]
            assert [one["data"] for one in referred] == [{"source": "link", "ref": "anuncio7"}]
            await until(
                lambda: [one for one in phone.journal if one.get("body", {}).get("method") == "answerCallbackQuery"]
            )
            assert [one for one in phone.journal if one["what"] == "typing"], "a sign that it thinks"
            phone.say(CUSTOMER, "/persona")
            await until(lambda: only(console)["owner"] == "queue")


async def test_after_a_day_only_a_template_may_go_and_the_agent_sees_why(database: str, tmp_path: Path) -> None:
    approved = tmp_path / "templates.yml"
    approved.write_text(
        '- {name: order_news, language: es, text: "Hola {{1}}, hay noticias.", parameters: [nombre]}', "utf-8"
    )
    async with (
        connected(database, "whatsapp", whatsapp_templates_file=approved) as (hub, phone),
        Console(hub, await hub.log_in("marta@demo.example")) as console,
    ):
        phone.approved = {"order_news": "Hola {{1}}, hay noticias."}
        phone.faults.aged = 25 * 60 * 60
        phone.say(CUSTOMER, "agente")
        await until(lambda: console.records["conversations"] and only(console)["owner"] == "queue")
        window = only(console)["window"]
        assert window["then"] == "template" and window["until"] < time.time() * 1000
        conversation = (await console.ask("claim", only(console)["id"]))["conversation_id"]
        await console.ask("reply", conversation, client_message_id="r1", text="Ya está", private=False)
        await until(lambda: console.log(conversation)[-1]["delivery"] == "failed")
        assert console.log(conversation)[-1]["delivery_error"] == "window_closed" and phone.shown(CUSTOMER) == []
        (offered,) = (await console.call("templates"))["templates"]
        assert offered["parameters"] == ["nombre"]
        named = {"name": offered["name"], "language": "es"}
        empty = await console.ask("send_template", conversation, client_message_id="t1", values=[""], **named)
        assert "nombre" in empty["error"]["message"]
        for _ in range(2):  # asked twice, sent once
            sent = await console.ask("send_template", conversation, client_message_id="t2", values=["Ana"], **named)
            assert sent["ok"] and sent["message"]["text"] == "Hola Ana, hay noticias."
        await until(lambda: console.log(conversation)[-1]["delivery"] == "delivered")
        (body,) = phone.received(CUSTOMER)
        assert phone.shown(CUSTOMER) == ["Hola Ana, hay noticias."]
        values = [{"type": "text", "text": "Ana"}]
        assert body["template"]["components"] == [{"type": "body", "parameters": values}]


async def test_a_hidden_or_a_new_number_is_the_same_customer_and_an_old_one_is_nobodys(database: str) -> None:
    lasting, old, new = "CO.13491208655302741918", "573001112233", "573009998877"
    async with (
        connected(database, "whatsapp") as (hub, phone),
        Console(hub, await hub.log_in("marta@demo.example")) as console,
    ):

        def says(wamid: str, words: str, **who: str) -> None:
            told = {"id": wamid, "timestamp": str(int(time.time())), "type": "text", "text": {"body": words}, **who}
            phone._heard |= {one: time.time() for one in (*who.values(), old, new)}
            phone.tell("messages", {"messages": [told]})

        says("w1", "hola", **{"from": old})
        await until(lambda: "eco: hola" in phone.shown(old))
        says("w2", "con id", **{"from": old, "from_user_id": lasting})
        await until(lambda: "eco: con id" in phone.shown(old))
        phone.tell("messages", {"messages": [{"from": old, "id": "w3", "type": "system", "system": {"wa_id": new}}]})
        await phone.webhooks.settled()
        says("w4", "sin número", from_user_id=lasting)
        await until(lambda: "eco: sin número" in phone.shown(new))
        assert len(console.records["conversations"]) == 1
        says("w5", "soy otra persona", **{"from": old})
        await until(lambda: len(console.records["conversations"]) == 2)
