"""The whole walk through real sockets: bot, handoff, agent, return, bot again."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from conftest import Console, Hub, Widget, failing, on_each_database, spoken, until
from fastapi import Response
from fastapi.responses import StreamingResponse

from handoff_server.conversations import MAX_STRETCH_TURNS

pytestmark = [pytest.mark.asyncio, on_each_database]


async def test_a_customer_is_answered_by_the_bot(hub: Hub) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        sent = await widget.call("send", client_message_id="m1", text="¿Dónde está mi pedido?")
        assert sent["ok"] and sent["message"]["author"] == "customer"
        await until(lambda: "eco: ¿Dónde está mi pedido?" in widget.texts())
        assert hub.rasa.turns[0]["seed"]["settled"] is None


async def test_the_same_conversation_goes_to_a_person_and_back_and_the_bot_knows_the_note(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        conversation = widget.conversation_id
        await widget.call("send", client_message_id="m1", text="hola")
        await until(lambda: "eco: hola" in widget.texts())
        await widget.call("ask_human", client_message_id="m2")
        await until(lambda: marta.records["conversations"].get(conversation, {}).get("owner") == "queue")
        await until(lambda: any("siguiente persona" in text for text in widget.texts()))
        await until(lambda: widget.state["position"] == 1 and widget.state["agents_online"] == 1)

        assert (await marta.ask("claim", conversation))["ok"]
        await until(lambda: widget.state["agent_name"] == "Marta")
        await until(lambda: marta.records["conversations"][conversation]["owner"] == "agent")
        reply = await marta.ask("reply", conversation, client_message_id="a1", text="Hola, soy Marta", private=False)
        assert reply["message"]["delivery"] == "sent"
        await until(lambda: "Hola, soy Marta" in widget.texts())
        await widget.call("send", client_message_id="m3", text="gracias")
        await until(lambda: marta.texts(conversation)[-1] == "gracias")
        await until(lambda: marta.log(conversation)[-1]["intent"])
        assert len(hub.rasa.turns) == 1, "the bot does not hear what is said to people"

        newest = marta.log(conversation)[-1]["id"]
        assert (await marta.call("seen", conversation_id=conversation, message_id=newest))["ok"]
        assert (await marta.ask("return", conversation, note="Llega el viernes"))["ok"]
        await until(lambda: widget.state["owner"] == "bot")
        await widget.call("send", client_message_id="m4", text="asdf")
        await until(lambda: "eco: asdf" in widget.texts())
        turn = hub.rasa.turns[-1]
        assert turn["sender"] == f"{conversation}.2"
        assert turn["seed"]["settled"]["note"] == "Llega el viernes"
        assert turn["seed"]["settled"]["agent_name"] == "Marta"
        assert marta.gaps == 0


async def test_a_stretch_does_not_end_between_a_question_and_its_answer(hub: Hub) -> None:
    async def asks(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, f"¿Seguimos tras {turn['text']}?", buttons=[{"title": "Sí", "payload": "/affirm"}])

    async with Widget(hub, await hub.widget_session()) as widget:

        async def say(text: str) -> str:
            await widget.call("send", client_message_id=f"m-{text}", text=text)
            await until(lambda: any(text in said and said != text for said in widget.texts()))
            return str(hub.rasa.turns[-1]["sender"].rsplit(".")[-1])

        assert {await say(f"n{number:02}") for number in range(MAX_STRETCH_TURNS - 1)} == {"1"}
        hub.rasa.answer = asks
        assert [await say("asked"), await say("answered")] == ["1", "1"]
        hub.rasa.answer = calmly
        assert [await say("calm"), await say("new")] == ["1", "2"]


async def calmly(turn: dict[str, Any]) -> dict[str, Any]:
    return spoken(turn, f"eco: {turn['text']}")


async def test_a_bot_answer_that_comes_after_a_take_over_is_never_sent(hub: Hub) -> None:
    thinking, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(turn: dict[str, Any]) -> dict[str, Any]:
        thinking.set()
        await go_on.wait()
        return spoken(turn, "tarde")

    hub.rasa.answer = slowly
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        conversation = widget.conversation_id
        await widget.call("send", client_message_id="m1", text="hola")
        await thinking.wait()
        await until(lambda: conversation in marta.records["conversations"])
        assert (await marta.ask("take_over", conversation))["ok"]
        go_on.set()
        await until(lambda: "tarde" in marta.texts(conversation))
        suppressed = [one for one in marta.log(conversation) if one["text"] == "tarde"]
        assert suppressed[0]["delivery"] == "suppressed"
        assert "tarde" not in widget.texts()
        assert "tarde" not in [one["text"] for one in (await widget.call("resume", since=0))["messages"]]


async def _drops() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b" "
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("trouble", ["error", "empty", "late", "drop_by_drop", "not_the_contract"])
async def test_a_failed_turn_gives_the_customer_an_answer_and_people_the_conversation(hub: Hub, trouble: str) -> None:
    async def badly(turn: dict[str, Any]) -> Any:
        if trouble == "error":
            return failing(500)
        if trouble == "drop_by_drop":
            return StreamingResponse(_drops(), media_type="application/json")
        if trouble == "late":
            await asyncio.sleep(2)
        return spoken(turn) if trouble in ("empty", "late") else {"hello": "world"}

    hub.rasa.answer = badly
    async with Widget(hub, await hub.widget_session("en")) as widget:
        await widget.call("send", client_message_id="m1", text="hi")
        await until(lambda: any("I had a problem answering you" in text for text in widget.texts()))
        await until(lambda: widget.state["owner"] == "queue")
        assert len(hub.rasa.turns) == 1, "a turn that may have reached Rasa is never posted again"


async def test_two_agents_claim_at_once_and_one_gets_a_polite_no(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
    ):
        conversation = widget.conversation_id
        await widget.call("ask_human", client_message_id="m1")
        for console in (marta, jorge):
            await until(lambda console=console: conversation in console.records["conversations"])
        first, second = await asyncio.gather(marta.ask("claim", conversation), jorge.ask("claim", conversation))
        assert sorted([first["ok"], second["ok"]]) == [False, True]
        loser = second if first["ok"] else first
        assert loser["error"]["code"] == "already_claimed"
        assert loser["error"]["by"] in ("Marta", "Jorge")


async def test_buttons_leave_as_opaque_ids_and_work_once_and_only_here(hub: Hub) -> None:
    async def offering(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "¿Qué necesitas?", buttons=[{"title": "Mi pedido", "payload": "/order_status"}])

    hub.rasa.answer = offering
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Widget(hub, await hub.widget_session()) as stranger,
    ):
        await widget.call("send", client_message_id="m1", text="hola")
        await until(lambda: any(one["buttons"] for one in widget.messages.values()))
        (button,) = next(one["buttons"] for one in widget.messages.values() if one["buttons"])
        assert set(button) == {"id", "title"}, "what it means stays on the server"
        refused = await stranger.call("send", client_message_id="s1", button=button["id"])
        assert refused["error"]["code"] == "invalid_request"
        assert (await widget.call("send", client_message_id="m2", button=button["id"]))["message"][
            "text"
        ] == "Mi pedido"
        await until(lambda: len(hub.rasa.turns) == 2)
        assert hub.rasa.turns[1]["payload"] == "/order_status" and "text" not in hub.rasa.turns[1]
        assert not (await widget.call("send", client_message_id="m3", button=button["id"]))["ok"]


@pytest.mark.parametrize("text", ["/restart", '/human_handoff{"x":1}', " /back", "\u00a0/greet"])
async def test_typed_commands_are_text(hub: Hub, text: str) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text=text)
        await until(lambda: hub.rasa.turns and widget.texts())
        assert not hub.rasa.turns[0]["text"].startswith("/")
        assert widget.texts()[0] == text.strip()


async def test_what_is_sent_twice_is_there_once(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        conversation = widget.conversation_id
        ids = {(await widget.call("send", client_message_id="m1", text="hola"))["message"]["id"] for _ in range(3)}
        assert len(ids) == 1
        await widget.call("ask_human", client_message_id="m2")
        await widget.call("ask_human", client_message_id="m2")
        await until(lambda: conversation in marta.records["conversations"])
        await until(lambda: marta.records["conversations"][conversation]["owner"] == "queue")
        await marta.ask("claim", conversation)
        await until(lambda: marta.records["conversations"][conversation]["owner"] == "agent")
        again = [
            await marta.ask("reply", conversation, client_message_id="a1", text="Hola", private=False) for _ in range(2)
        ]
        assert again[0]["message"]["id"] == again[1]["message"]["id"]
        assert marta.texts(conversation).count("hola") == 1 and marta.texts(conversation).count("Hola") == 1


async def test_a_console_that_was_away_catches_up_to_what_a_fresh_one_sees(hub: Hub) -> None:
    cookie = await hub.log_in("marta@demo.example")
    async with Widget(hub, await hub.widget_session()) as widget, Console(hub, cookie) as live:
        conversation = widget.conversation_id
        since = live.seq
        for number in range(12):
            await widget.call("send", client_message_id=f"m{number}", text=f"mensaje {number}")
        await widget.call("ask_human", client_message_id="h")
        await until(lambda: live.records["conversations"].get(conversation, {}).get("owner") == "queue")
        await live.ask("claim", conversation)
        await until(lambda: live.records["conversations"][conversation]["owner"] == "agent")
        caught_up = (await live.call("sync", since=since))["change"]
        async with Console(hub, cookie) as fresh:
            for kind in ("conversations", "messages"):
                missed = {one["id"]: one for one in caught_up[kind]}
                assert missed == fresh.records[kind]
                assert live.records[kind] == fresh.records[kind]
        assert live.gaps == 0


async def test_the_bot_says_what_it_is_once_and_in_the_customers_language(hub: Hub) -> None:
    async def in_english(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "Sure!", language="en")

    hub.rasa.answer = in_english
    async with Widget(hub, await hub.widget_session("es")) as widget:
        for number in range(2):
            await widget.call("send", client_message_id=f"m{number}", text="hello there my friend")
        await until(lambda: widget.texts().count("Sure!") >= 1)
        await widget.call("send", client_message_id="m9", text="again")
        await until(lambda: widget.texts()[-1] == "Sure!")
        disclosures = [text for text in widget.texts() if "virtual assistant (AI)" in text]
        assert len(disclosures) == 1
        assert widget.texts().index(disclosures[0]) < widget.texts().index("Sure!")


async def test_an_answer_that_cannot_be_kept_becomes_a_handoff_too(hub: Hub) -> None:
    async def unstorable(turn: dict[str, Any]) -> Response:
        return Response(json.dumps(spoken(turn, "half of a pair: \ud800")), media_type="application/json")

    hub.rasa.answer = unstorable
    async with Widget(hub, await hub.widget_session("en")) as widget:
        await widget.call("send", client_message_id="m1", text="hi")
        await until(lambda: widget.state["owner"] == "queue")
        await until(lambda: any("I had a problem answering you" in text for text in widget.texts()))


async def test_strange_characters_are_kept_or_replaced_but_never_break_anything(hub: Hub) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        for number, text in enumerate(["\u202eabc", "a\x00b", "👩‍👩‍👧" * 50, "\u200b\u200bhola"]):
            assert (await widget.call("send", client_message_id=f"m{number}", text=text))["ok"]
        assert "ab" in widget.texts() or await until(lambda: "ab" in widget.texts())


@pytest.mark.parametrize(
    ("call", "more"), [("return", {"note": "Todo en orden."}), ("resolve", {"disposition": "solved"})]
)
async def test_words_that_cross_with_the_agents_good_bye_are_answered_by_the_bot(
    hub: Hub, call: str, more: dict[str, str]
) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as console,
    ):
        conversation_id = widget.conversation_id
        await widget.call("ask_human", client_message_id="h1")
        await until(lambda: console.records["conversations"].get(conversation_id, {}).get("owner") == "queue")
        await console.ask("claim", conversation_id)
        await until(lambda: console.records["conversations"][conversation_id]["owner"] == "agent")
        await widget.call("send", client_message_id="m1", text="gracias")
        assert (await console.ask("reply", conversation_id, client_message_id="r1", text="De nada"))["ok"]
        await widget.call("send", client_message_id="m2", text="espera, me robaron la tarjeta")
        assert (await console.ask(call, conversation_id, **more))["ok"]
        await until(lambda: widget.texts()[-1] == "eco: espera, me robaron la tarjeta")
    assert [turn["text"] for turn in hub.rasa.turns] == ["espera, me robaron la tarjeta"]


async def test_a_customer_is_shown_to_type_in_his_own_conversation_and_not_as_often_as_he_likes(hub: Hub) -> None:
    typing: list[dict[str, Any]] = []
    async with (
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Widget(hub, await hub.widget_session()) as widget,
        Widget(hub, await hub.widget_session()) as other,
    ):
        marta.client.on("typing", typing.append)
        for _ in range(5):
            assert (await widget.call("typing", conversation_id=other.conversation_id))["ok"]
        await until(lambda: typing)
        await marta.call("snapshot")
    assert typing == [{"conversation_id": widget.conversation_id, "author": "customer"}]


async def test_only_who_has_the_conversation_is_shown_to_type_in_it(hub: Hub) -> None:
    typing: list[str] = []
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
    ):
        widget.client.on("typing", lambda news: typing.append(news["name"]))
        conversation_id = widget.conversation_id
        await widget.call("ask_human", client_message_id="h1")
        await until(lambda: marta.records["conversations"].get(conversation_id, {}).get("owner") == "queue")
        await marta.ask("claim", conversation_id)
        for console in (jorge, marta, marta, marta):
            assert (await console.call("typing", conversation_id=conversation_id))["ok"]
        await until(lambda: typing)
        await widget.call("resume", since=0)
    assert typing == ["Marta"], "once, however often it is said"
