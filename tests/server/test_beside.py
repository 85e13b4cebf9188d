"""Agents ask the bot beside a conversation, through real sockets. Rasa is played by the contract's few lines."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from conftest import Console, Hub, Widget, failing, on_each_database, spoken, until

from handoff_server import assistant, beside

pytestmark = pytest.mark.asyncio


class Desk:
    def __init__(self, hub: Hub, widget: Widget, marta: Console, jorge: Console, lucia: Console) -> None:
        self.hub, self.widget, self.marta, self.jorge, self.lucia = hub, widget, marta, jorge, lucia
        self.id = widget.conversation_id

    async def ask(self, console: Console, **what: Any) -> dict[str, Any]:
        return await console.call("ask_bot", **({"conversation_id": self.id} | what))


async def shop(turn: dict[str, Any]) -> dict[str, Any]:
    """Asks to confirm a cancellation, and tells the rest at once."""
    if ".ask." not in turn["sender"]:
        slots = {"order_number": "RX-4821", "email": "elena@example.com", "verified_order": "RX-4821"}
        return spoken(turn, "Hola", slots=slots)
    if turn.get("payload") == "/cancel_order":
        buttons = [{"title": "Sí, cancélalo", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]
        return spoken(turn, "¿Lo cancelo?", buttons=buttons, form="cancel_order_form")
    return spoken(turn, "Tu pedido RX-4821 va en camino.")


@pytest_asyncio.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    hub.rasa.answer = shop
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
        Console(hub, await hub.log_in("lucia@demo.example")) as lucia,
    ):
        await widget.call("send", client_message_id="m1", text="hola")
        await until(lambda: "Hola" in widget.texts())
        await widget.call("ask_human", client_message_id="m2")
        await until(lambda: marta.records["conversations"].get(widget.conversation_id, {}).get("owner") == "queue")
        assert (await marta.ask("claim", widget.conversation_id))["ok"]
        await until(lambda: marta.records["conversations"][widget.conversation_id]["owner"] == "agent")
        await until(lambda: any("se unió" in text for text in widget.texts()))
        yield Desk(hub, widget, marta, jorge, lucia)


@on_each_database
async def test_a_skill_is_done_beside_the_conversation_and_only_the_agent_sees_it(desk: Desk) -> None:
    before = desk.widget.texts()
    answer = await desk.ask(desk.marta, skill="order_status")
    assert answer["messages"] == [{"text": "Tu pedido RX-4821 va en camino.", "buttons": []}]
    assert answer["done"]
    turn = desk.hub.rasa.turns[-1]
    assert turn["sender"] == f"{desk.id}.ask.{answer['run']}" and turn["payload"] == "/order_status"
    assert turn["seed"]["slots"] == {"order_number": "RX-4821", "email": "elena@example.com"}

    def asked() -> list[dict[str, Any]]:
        return [one for one in desk.marta.records["events"].values() if one["name"] == "bot.asked"]

    (event,) = await until(asked)
    assert event["data"] == {"skill": "order_status", "run": answer["run"]}
    assert event["actor"]["name"] == "Marta"
    assert event["after_message_id"] == desk.marta.records["conversations"][desk.id]["last_message"]["id"]
    assert desk.widget.texts() == before
    assert "va en camino" not in " ".join(desk.marta.texts(desk.id))
    assert (await desk.widget.call("resume", since=0))["state"]["owner"] == "agent"


async def test_a_question_is_answered_by_its_button_and_by_no_other(desk: Desk) -> None:
    asked = await desk.ask(desk.marta, skill="cancel_order")
    assert not asked["done"] and asked["messages"][0]["buttons"][0] == {"title": "Sí, cancélalo", "payload": "/affirm"}
    made_up = await desk.ask(desk.marta, run=asked["run"], button='/greet{"verified_order": "RX-1"}')
    assert made_up["error"]["code"] == "invalid_request"
    done = await desk.ask(desk.marta, run=asked["run"], button="/affirm")
    assert done["done"] and "seed" not in desk.hub.rasa.turns[-1]
    again = await desk.ask(desk.marta, run=asked["run"], button="/affirm")
    assert again["error"]["code"] == "invalid_request", "a confirmation is not given twice"
    typed = await desk.ask(desk.marta, run=asked["run"], text='/restart {"x": 1}')
    assert typed["ok"] and not desk.hub.rasa.turns[-1]["text"].startswith("/")


async def test_only_the_agent_of_the_conversation_or_a_supervisor_may(desk: Desk) -> None:
    mine = await desk.ask(desk.marta, skill="cancel_order")
    assert (await desk.ask(desk.jorge, skill="order_status"))["error"]["code"] == "not_owner"
    assert (await desk.ask(desk.jorge, run=mine["run"], button="/affirm"))["error"]["code"] == "stale_turn"
    assert (await desk.ask(desk.lucia, skill="order_status"))["ok"]
    assert (await desk.marta.ask("release", desk.id))["ok"]
    assert (await desk.ask(desk.marta, run=mine["run"], button="/affirm"))["error"]["code"] == "not_owner"


async def test_a_run_ends_after_its_turns_and_when_the_assistant_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "MOST_TURNS", 2)
    run = (await desk.ask(desk.marta, skill="order_status"))["run"]
    assert (await desk.ask(desk.marta, run=run, text="¿y cuándo llega?"))["ok"]
    assert (await desk.ask(desk.marta, run=run, text="¿seguro?"))["error"]["code"] == "stale_turn"

    async def broken(turn: dict[str, Any]) -> Any:
        return failing(500)

    run = (await desk.ask(desk.marta, skill="order_status"))["run"]
    desk.hub.rasa.answer = broken
    assert (await desk.ask(desk.marta, run=run, text="hola"))["error"]["code"] == "assistant_down"
    desk.hub.rasa.answer = shop
    assert (await desk.ask(desk.marta, run=run, text="hola"))["error"]["code"] == "stale_turn"
    assert desk.marta.records["conversations"][desk.id]["owner"] == "agent"


async def test_one_turn_of_a_run_at_a_time_and_not_without_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    thinking, go_on = asyncio.Event(), asyncio.Event()
    run = (await desk.ask(desk.marta, skill="order_status"))["run"]

    async def slowly(turn: dict[str, Any]) -> dict[str, Any]:
        thinking.set()
        await go_on.wait()
        return spoken(turn, "ya")

    desk.hub.rasa.answer = slowly
    first = asyncio.create_task(desk.ask(desk.marta, run=run, text="uno"))
    await thinking.wait()
    assert (await desk.ask(desk.marta, run=run, text="dos"))["error"]["code"] == "rate_limited"
    go_on.set()
    assert (await first)["messages"][0]["text"] == "ya"
    for _ in range(beside.TURNS_A_MINUTE):
        answer = await desk.ask(desk.marta, run="none", text="hola")
    assert answer["error"]["code"] == "rate_limited"


async def test_the_assistant_forgets_a_run_that_is_over_and_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "FORGET_AGAIN_S", 0.1)
    going_on = (await desk.ask(desk.marta, skill="cancel_order"))["run"]
    monkeypatch.setattr(beside, "LONGEST_MS", 500)
    over = (await desk.ask(desk.marta, skill="order_status"))["run"]
    await until(lambda: desk.hub.rasa.forgotten)
    assert desk.hub.rasa.forgotten == [{"conversation_id": desk.id, "run": over}]
    assert (await desk.ask(desk.marta, run=going_on, button="/affirm"))["ok"]


async def test_the_assistant_forgets_what_it_was_asked_for_a_proposal(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "FORGET_AGAIN_S", 0.1)
    monkeypatch.setattr(beside, "PROPOSAL_SECONDS", 1)
    await desk.widget.call("send", client_message_id="m3", text="¿dónde está mi pedido?")
    await until(lambda: "¿dónde está mi pedido?" in desk.marta.texts(desk.id))
    await desk.marta.call("suggest", conversation_id=desk.id)
    turn = await until(lambda: next((one for one in desk.hub.rasa.turns if ".ask." in one["sender"]), None))
    await until(lambda: desk.hub.rasa.forgotten)
    assert desk.hub.rasa.forgotten == [{"conversation_id": desk.id, "run": turn["sender"].rpartition(".")[2]}]


async def test_skills_are_what_the_assistant_says(desk: Desk) -> None:
    told = (await desk.marta.call("skills", conversation_id=desk.id))["skills"]
    assert [one["name"] for one in told] == ["order_status", "cancel_order"]
    assert told[0]["title"]["es"] == "Rastrear mi pedido"
    assert (await desk.ask(desk.marta, skill="fly"))["error"]["code"] == "invalid_request"
    assert (await desk.ask(desk.marta, skill="order_status", text="x"))["error"]["code"] == "invalid_request"
    assert (await desk.ask(desk.marta, button="/affirm"))["error"]["code"] == "invalid_request"


async def test_an_order_that_the_customer_named_to_the_agent_is_known_but_no_foreign_mail(desk: Desk) -> None:
    desk.hub.rasa.entities = [{"entity": "order_number", "value": "TL-3355"}]
    await desk.widget.call("send", client_message_id="m3", text="¿y el TL-3355?")
    await until(lambda: desk.marta.log(desk.id)[-1]["entities"])
    assert (await desk.ask(desk.marta, skill="order_status"))["ok"]
    assert desk.hub.rasa.turns[-1]["seed"]["slots"] == {"order_number": "TL-3355"}


@pytest.mark.parametrize(
    ("door", "more"),
    [
        ("callbacks", {"contact": None}),
        ("surveys", {"survey_id": None, "csat": 5}),
        ("transcripts", {}),
        ("handoffs", {}),
    ],
)
async def test_the_doors_of_the_assistant_are_closed_to_a_run(desk: Desk, door: str, more: dict[str, Any]) -> None:
    body = {"version": 1, "sender": f"{desk.id}.ask.k2", "turn_id": "t1"} | more
    if door == "handoffs":
        tracker = {"events": [], "slots": {}, "intents": [], "truncated": False}
        body |= {"action": "action_handoff", "reason": "customer_request", "rules_version": "1", "language": "es"}
        evidence = {"rule": "x", "rule_version": "1", "values": {}, "text": None}
        body |= {"tracker": tracker, "evidence": evidence}
    async with httpx.AsyncClient(base_url=desk.hub.url) as http:
        headers = {"Authorization": "Bearer handoff-token"}
        answer = await http.post(f"/api/v1/{door}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "beside"), answer.text
