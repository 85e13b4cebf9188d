"""Proposed replies: the bot's own, colleagues' to the like, and never anything that is somebody's."""

import asyncio
from typing import Any

import pytest
from conftest import Console, Hub, Widget, failing, spoken, until

from handoff_server.past_replies import Past, question_of, similar
from handoff_server.service import erasure, revisions
from handoff_server.shareable import common_words, is_shareable

OURS = ["Ya te leo. Vuelve mañana, hola."]
SAID = [
    ["Ya lo revisé con el almacén y sale mañana temprano.", "¿Cuándo sale mi pedido? soy ana"],
    ["Ya lo revisé con el almacén, y sale mañana temprano.", "Hola, mi pedido no sale"],
    ["Hola ana, ya lo revisé y sale mañana.", "¿Dónde está?"],
]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Ya lo revisé y sale mañana", True),
        ("¿Sale mañana? Ya lo revisé con el almacén", True),
        ("Hola Elena, ya lo revisé y sale mañana", False),
        ("Elena, ya lo revisé y sale mañana", False),
        ("Hola elena, ya lo revisé y sale mañana", False),
        ("Bruno: ya lo revisé y sale mañana", False),
        ("Ya lo revisé, soy Marta", False),
        ("Ya lo revisé: RX-4821 sale mañana", False),
        ("Ya lo revisé, sale a la calle 10", False),
        ("Ya lo revisé, escribe a pedido@almacén.mx", False),
        ("Ya lo revisé en https://ya.mx/lo", False),
        ("Ya lo", False),
        ("ya lo revisé y sale mañana " * 40, False),
    ],
)
def test_only_what_is_nobodys_is_shared(text: str, good: bool) -> None:
    assert is_shareable(text, common_words(SAID, OURS)) is good


def test_a_name_that_two_customers_have_in_common_is_still_held_back_where_it_is_written_as_one() -> None:
    common = common_words([*SAID, ["soy ana"], ["ana otra vez"]], OURS)
    assert "ana" in common
    assert not is_shareable("Hola Ana, ya lo revisé y sale mañana", common)


def past(conversation: str, asked: str, text: str, intent: str | None = None, language: str = "es") -> Past:
    understanding = {"intent": {"name": intent}} if intent else None
    return Past(conversation, language, question_of(asked, understanding), text)


def test_the_like_is_what_means_the_same_or_has_its_words_and_the_most_frequent_comes_first() -> None:
    known = [
        past("c1", "no encuentro mi paquete", "Lo busco ahora mismo", "order_status"),
        past("c2", "dónde quedó", "Sale mañana temprano", "order_status"),
        past("c3", "dónde anda", "Sale mañana, temprano.", "order_status"),
        past("c4", "quiero una factura", "Te la mando hoy", "billing_invoice"),
        past("c5", "where is it", "It leaves tomorrow", "order_status", "en"),
        past("c9", "dónde está", "Eso fue aquí mismo", "order_status"),
    ]
    asked = question_of("¿dónde está mi pedido?", {"intent": {"name": "order_status"}})
    assert similar(known, asked, "es", "c9", 3) == ["Sale mañana temprano", "Lo busco ahora mismo"]
    unheard = question_of("¿me das la factura?", None)
    assert similar(known, unheard, "es", "c9", 3) == ["Te la mando hoy"]
    assert similar(known, question_of("gracias", {"intent": {"name": "nlu_fallback"}}), "es", "c9", 3) == []


async def talk(hub: Hub, marta: Console, asked: str, answer: str | None) -> str:
    """A customer who asks an agent, and what the agent answers."""
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("ask_human", client_message_id="m1")
        conversation = widget.conversation_id
        await until(lambda: conversation in marta.records["conversations"])
        assert (await marta.ask("claim", conversation))["ok"]
        await until(lambda: marta.records["conversations"][conversation]["owner"] == "agent")
        await widget.call("send", client_message_id="m2", text=asked)
        await until(lambda: marta.log(conversation)[-1]["intent"])
        if answer:
            reply = {"client_message_id": f"a-{conversation}", "text": answer, "private": False}
            assert (await marta.ask("reply", conversation, **reply))["ok"]
    return conversation


async def told(turn: dict[str, Any]) -> dict[str, Any]:
    return spoken(turn, "Va en camino y llega el jueves.")


@pytest.mark.asyncio
async def test_the_bots_answer_comes_first_and_then_what_colleagues_said_most(hub: Hub) -> None:
    hub.rasa.answer = told
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        for _ in range(2):
            await talk(hub, marta, "¿dónde está mi pedido?", "Lo reviso ahora mismo con el almacén.")
        await talk(hub, marta, "¿y mi pedido?", "Elena, tu pedido RX-4821 llega a Calle Luna.")
        conversation = await talk(hub, marta, "¿dónde quedó mi pedido?", None)
        before = len(marta.log(conversation))
        answer = await marta.call("suggest", conversation_id=conversation)
        assert answer["suggestions"] == [
            {"kind": "bot", "text": "Va en camino y llega el jueves.", "why": "order_status"},
            {"kind": "agent", "text": "Lo reviso ahora mismo con el almacén.", "why": "similar"},
        ]
        turn = hub.rasa.turns[-1]
        assert turn["sender"].startswith(f"{conversation}.ask.") and turn["text"] == "¿dónde quedó mi pedido?"
        assert (await marta.call("suggest", conversation_id=conversation))["suggestions"]
        assert hub.rasa.turns[-1] is turn, "the same words are not asked about twice"
        assert len(marta.log(conversation)) == before


@pytest.mark.asyncio
async def test_what_the_bot_would_have_to_ask_or_has_not_understood_is_no_proposal(hub: Hub) -> None:
    async def asks(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "¿Cuál es tu número de pedido?", form="order_status_form")

    async def lost(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "No te entendí.", failed=True)

    async def another(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "Hecho.", intent={"name": "account_access", "confidence": 1.0})

    async def broken(turn: dict[str, Any]) -> Any:
        return failing(503)

    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        conversation = await talk(hub, marta, "¿dónde quedó mi pedido?", None)
        for answer in (asks, lost, another, broken):
            hub.rasa.answer = answer
            assert (await marta.call("suggest", conversation_id=conversation))["suggestions"] == []
        hub.rasa.answer = told
        assert (await marta.call("suggest", conversation_id=conversation))["suggestions"]


@pytest.mark.asyncio
async def test_an_assistant_that_thinks_long_is_not_waited_for_and_heard_the_next_time(hub: Hub) -> None:
    go_on = asyncio.Event()

    async def slowly(turn: dict[str, Any]) -> dict[str, Any]:
        await go_on.wait()
        return await told(turn)

    hub.rasa.answer = slowly
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        conversation = await talk(hub, marta, "¿dónde quedó mi pedido?", None)
        assert (await marta.call("suggest", conversation_id=conversation))["suggestions"] == []
        go_on.set()
        for _ in range(100):
            if (await marta.call("suggest", conversation_id=conversation))["suggestions"]:
                break
            await asyncio.sleep(0.02)
        else:
            pytest.fail("the answer did not come")
        assert sum(".ask." in turn["sender"] for turn in hub.rasa.turns) == 1


@pytest.mark.asyncio
async def test_nothing_is_proposed_where_nobody_waits_for_an_agent(hub: Hub) -> None:
    hub.rasa.answer = told
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        answered = await talk(hub, marta, "¿dónde quedó mi pedido?", "Lo reviso ahora mismo.")
        assert (await marta.call("suggest", conversation_id=answered))["suggestions"] == []
        unknown = await marta.call("suggest", conversation_id="c-none")
        assert unknown["error"]["code"] == "unknown_conversation"
        async with Widget(hub, await hub.widget_session()) as widget:
            await widget.call("send", client_message_id="m1", text="hola")
            assert (await marta.call("suggest", conversation_id=widget.conversation_id))["suggestions"] == []


@pytest.mark.asyncio
async def test_nothing_is_proposed_any_more_that_a_customer_has_erased_or_corrected(hub: Hub) -> None:
    async def echo(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, f"Sobre «{turn['text']}»: llega el jueves.")

    async def proposed(console: Console, conversation_id: str) -> str:
        return str((await console.call("suggest", conversation_id=conversation_id))["suggestions"])

    hub.rasa.answer = echo
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        answer = "Lo reviso ahora mismo con el almacén."
        erased = [await talk(hub, marta, "¿dónde está mi pedido?", answer) for _ in range(2)]
        open_one = await talk(hub, marta, "¿dónde quedó mi pedido?", None)
        assert "almacén" in await proposed(marta, open_one)
        for one in erased:
            await hub.store.run(erasure.erase, one)
        assert "almacén" not in await proposed(marta, open_one)
        said = [one["id"] for one in marta.log(open_one) if one["author"] == "customer"][-1]
        assert "dónde quedó" in await proposed(marta, open_one)
        await hub.store.run(lambda tx: revisions.edit(tx, tx.message_with_id(said), "¿cuándo sale mi pedido?", 1))
        now_said = await proposed(marta, open_one)
        assert "cuándo sale" in now_said and "dónde quedó" not in now_said
