"""What people say about conversations: labels, verdicts, summaries, tags, mentions; and what there was before."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from conftest import PASSWORD_HASH, Console, Hub, agents, on_each_database, running_hub, until

from handoff_server import export
from handoff_server import tables as t
from handoff_server.service import accounts, intake
from handoff_server.service.handoffs import enrich

pytestmark = [pytest.mark.asyncio, on_each_database]


@dataclass
class Desk:
    """A hub with an agent, a supervisor and a customer who has written."""

    hub: Hub
    marta: Console
    lucia: Console
    conversation_id: str

    async def somebody_else(self) -> str:
        """The conversation of another customer, on WhatsApp."""
        arrival = intake.Arrival("whatsapp", "1", "573002", "Ana", "m2", "hola")
        return str((await self.hub.store.run(intake.arrive, arrival, 0)).conversation_id)

    async def handoff(self) -> dict[str, Any]:
        """Marta has stepped in."""
        assert (await self.marta.ask("take_over", self.conversation_id))["ok"]
        found: dict[str, Any] = await until(lambda: self.shown().get("handoff"))
        return found

    def shown(self, console: Console | None = None) -> dict[str, Any]:
        found: dict[str, Any] = (console or self.lucia).records["conversations"][self.conversation_id]
        return found

    async def said(self) -> int:
        """The customer's first message."""
        m = t.messages.c
        first = sa.select(sa.func.min(m.id)).where(m.conversation_id == self.conversation_id, m.author == "customer")
        return int(await self.hub.store.read(lambda connection: connection.scalar(first)))

    async def events(self, name: str) -> int:
        count = sa.select(sa.func.count()).where(t.events.c.name == name)
        return int(await self.hub.store.read(lambda connection: connection.scalar(count)))


@pytest_asyncio.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with running_hub(database) as hub:
        await agents(hub.store)
        here = (await hub.store.run(accounts.open_widget_session, "demo", "es"))["conversation_id"]
        await hub.store.run(intake.receive, intake.IncomingMessage(here, "m1", "¿me devuelven la plata?"))
        async with (
            Console(hub, await hub.log_in("marta@demo.example")) as marta,
            Console(hub, await hub.log_in("lucia@demo.example")) as lucia,
        ):
            yield Desk(hub, marta, lucia, here)


async def code(call: Any) -> str:
    answer = await call
    return str(answer["error"]["code"]) if not answer["ok"] else "ok"


async def test_an_agent_says_what_the_customer_meant_and_takes_it_back(desk: Desk) -> None:
    message = await desk.said()
    known = (await desk.marta.call("intents"))["intents"]
    assert [one["name"] for one in known] == ["order_status", "refund"]
    assert known[0]["title"]["es"] == "saber el estado de un pedido"
    for _ in range(2):
        assert (await desk.marta.call("label", message_id=message, intent="refund"))["ok"]
    label = await until(lambda: desk.lucia.records["messages"][message]["label"])
    assert (label["intent"], label["agent_name"]) == ("refund", "Marta")
    assert await code(desk.marta.call("label", message_id=message, intent="rate")) == "invalid_request"
    assert await code(desk.marta.call("label", message_id=999_999, intent="refund")) == "invalid_request"
    (told,) = await desk.hub.store.read(lambda connection: list(export.conversations(connection, 0)))
    assert next(one for one in told["messages"] if one["id"] == message)["corrected_intent"] == "refund"
    assert (await desk.lucia.call("label", message_id=message, intent=None))["ok"]
    await until(lambda: desk.lucia.records["messages"][message]["label"] is None)
    assert desk.hub.rasa.domains == 1


async def test_only_what_customers_typed_is_labelled(desk: Desk) -> None:
    await desk.handoff()
    line = next(one["id"] for one in desk.lucia.log(desk.conversation_id) if one["author"] == "system")
    assert await code(desk.marta.call("label", message_id=line, intent="refund")) == "invalid_request"
    assert await code(desk.marta.call("label", message_id="x", intent=None)) == "invalid_request"


async def test_without_the_assistant_no_intent_is_known(desk: Desk) -> None:
    desk.hub.rasa.intents = None
    assert await code(desk.marta.call("intents")) == "overloaded"
    assert await code(desk.marta.call("label", message_id=await desk.said(), intent="refund")) == "overloaded"


async def test_a_handover_is_judged_at_any_time_by_its_agent_or_a_supervisor(desk: Desk) -> None:
    handoff = (await desk.handoff())["id"]
    for _ in range(2):
        assert await code(desk.marta.call("judge", handoff_id=handoff, verdict="early", asked_again=True)) == "ok"
    await until(lambda: desk.shown()["handoff"]["verdict"] == "early" and desk.shown()["handoff"]["asked_again"])
    assert await desk.events("handoff.judged") == 1
    assert await code(desk.marta.ask("resolve", desk.conversation_id, disposition="solved")) == "ok"
    assert await code(desk.lucia.call("judge", handoff_id=handoff, verdict="late")) == "ok"
    await until(lambda: desk.shown()["handoff"]["verdict"] == "late")
    assert desk.shown()["handoff"]["asked_again"] is True
    async with Console(desk.hub, await desk.hub.log_in("jorge@demo.example")) as jorge:
        assert await code(jorge.call("judge", handoff_id=handoff, verdict="right")) == "forbidden"
    assert await code(desk.marta.call("judge", handoff_id=handoff, verdict="odd")) == "invalid_request"
    assert await code(desk.marta.call("judge", handoff_id="h", verdict="right")) == "unknown_handoff"
    (told,) = await desk.hub.store.read(lambda connection: list(export.conversations(connection, 0)))
    assert (told["handoffs"][0]["verdict"], told["handoffs"][0]["asked_again"]) == ("late", True)


async def test_a_summary_that_a_person_wrote_stays(desk: Desk) -> None:
    handoff = await desk.handoff()
    wrote = {"handoff_id": handoff["id"], "language": "es", "text": "Quiere su dinero. Tarjeta 4111 1111 1111 1111"}
    for _ in range(2):
        assert await code(desk.marta.call("summarise", **wrote)) == "ok"
    told = await until(lambda: (h := desk.shown()["handoff"])["summary_by"] and h)
    assert told["summary"] == handoff["summary"] | {"es": "Quiere su dinero. Tarjeta 411111******1111"}
    assert (told["summary_by"], await desk.events("handoff.summarised")) == ("Marta", 1)
    turn = {t.handoffs.c.turn_id: "t1"}
    await desk.hub.store.run(lambda tx: tx.connection.execute(t.handoffs.update().values(turn)) and None)
    await desk.hub.store.run(enrich, "t1", {"skill": None, "slots": {"order_number": "RX-1"}})
    await until(lambda: desk.shown()["handoff"]["collected"] == {"order_number": "RX-1"})
    assert desk.shown()["handoff"]["summary"] == told["summary"]
    for wrong in ({"language": "fr"}, {"text": " "}, {"text": "x" * 5_000}, {"handoff_id": "h"}):
        assert not (await desk.marta.call("summarise", **wrote | wrong))["ok"]


async def test_tags_are_set_whole_and_counted(desk: Desk) -> None:
    other = await desk.somebody_else()
    for tags in (["VIP", " vip ", "Envío  gratis"], ["vip", "envío gratis"]):
        assert await code(desk.marta.call("tag", conversation_id=desk.conversation_id, tags=tags)) == "ok"
    await until(lambda: desk.shown()["tags"] == ["envío gratis", "vip"])
    assert await desk.events("conversation.tagged") == 1
    await desk.marta.call("tag", conversation_id=other, tags=["vip"])
    assert (await desk.lucia.call("tags"))["tags"] == [{"tag": "vip", "count": 2}, {"tag": "envío gratis", "count": 1}]
    found = await desk.lucia.call("list", filters={"tag": "envío gratis"})
    assert [one["id"] for one in found["conversations"]] == [desk.conversation_id]
    for tags in ([""], ["x" * 41], [f"t{n}" for n in range(11)], "vip", [3], ["\x00"]):
        assert not (await desk.marta.call("tag", conversation_id=desk.conversation_id, tags=tags))["ok"]
    assert await code(desk.marta.call("tag", conversation_id=desk.conversation_id, tags=[])) == "ok"
    assert (await desk.lucia.call("tags"))["tags"] == [{"tag": "vip", "count": 1}]


async def test_a_note_calls_colleagues_who_are_known(desk: Desk) -> None:
    def note(name: str, **more: Any) -> Any:
        return desk.marta.ask(
            "reply", desk.conversation_id, client_message_id=name, text="¿Lo ves?", **{"private": True} | more
        )

    called = [desk.lucia.me["id"]]
    for _ in range(2):
        assert (await note("n1", mentions=called))["message"]["mentions"] == called
    (seen,) = await until(lambda: [one for one in desk.lucia.log(desk.conversation_id) if one["private"]])
    assert seen["mentions"] == called
    assert await code(note("n2", mentions=["nobody"])) == "invalid_request"
    assert await code(note("n3", mentions=[f"\x00{called[0]}x"])) == "invalid_request"
    await desk.handoff()
    assert await code(note("n4", mentions=called, private=False)) == "invalid_request"


async def test_what_there_was_before_with_the_customer_is_told(desk: Desk) -> None:
    await desk.handoff()
    assert await code(desk.marta.ask("resolve", desk.conversation_id, disposition="solved")) == "ok"
    here = await desk.somebody_else()
    customer_id = desk.shown()["customer"]["id"]
    c = t.conversations.c
    same = t.conversations.update().where(c.id == here).values(customer_id=customer_id)
    await desk.hub.store.run(lambda tx: tx.connection.execute(same) and None)
    told = await desk.marta.call("previous", conversation_id=here)
    assert [(one["id"], one["channel"]) for one in told["conversations"]] == [(desk.conversation_id, "web")]
    (case,) = told["cases"]
    assert (case["outcome"], case["channel"], case["conversation_id"]) == ("resolved", "web", desk.conversation_id)
    (handoff,) = case["handoffs"]
    assert (handoff["reason"], handoff["disposition"], handoff["agent_name"]) == ("agent_takeover", "solved", "Marta")
    assert case["csat"] is None and len(case["key"]) == 9 and handoff["ended_at"]
    back = await desk.marta.call("previous", conversation_id=desk.conversation_id)
    assert [one["id"] for one in back["conversations"]] == [here]
    assert await code(desk.marta.call("previous", conversation_id="nothing")) == "unknown_conversation"


async def test_a_designer_reads_and_changes_nothing(desk: Desk) -> None:
    handoff = await desk.handoff()
    await desk.hub.store.run(accounts.create_agent, "dana@demo.example", "Dana", "designer", PASSWORD_HASH)
    conversation = {"conversation_id": desk.conversation_id}
    moves = conversation | {"epoch": desk.shown()["epoch"], "note": "x", "disposition": "solved", "blocked": True}
    async with Console(desk.hub, await desk.hub.log_in("dana@demo.example")) as dana:
        for call, data in {
            "label": {"message_id": await desk.said(), "intent": "refund"},
            "judge": {"handoff_id": handoff["id"], "verdict": "right"},
            "summarise": {"handoff_id": handoff["id"], "language": "es", "text": "x"},
            "tag": conversation | {"tags": ["x"]},
            "reply": moves | {"client_message_id": "x", "text": "x", "private": True},
            "seen": conversation | {"message_id": await desk.said()},
            **dict.fromkeys(("claim", "take_over", "release", "resolve", "return", "snooze", "wake", "block"), moves),
        }.items():
            assert await code(dana.call(call, **data)) == "forbidden", call
        for call, data in {
            "list": {"filters": {}},
            "search": {"text": "plata"},
            "previous": conversation,
            "tags": {},
            "intents": {},
        }.items():
            assert await code(dana.call(call, **data)) == "ok", call


async def test_an_id_that_no_database_takes_is_nobodys(desk: Desk) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("tag", {"conversation_id": "\x00c", "tags": []}),
        ("draft", {"conversation_id": "\x00c", "kind": "note", "text": "hola", "updated_at": 1}),
        ("judge", {"handoff_id": "\x00h", "verdict": "right"}),
        ("summarise", {"handoff_id": "\x00h", "language": "es", "text": "hola"}),
        ("keep_canned", {"id": "\x00", "shortcut": "hola", "texts": {"es": "\x00"}, "own": True}),
        ("ask_bot", {"conversation_id": "\x00c", "skill": "\x00", "run": None}),
        ("claim", {"conversation_id": "\x00c", "epoch": 1}),
    ]
    for name, data in asked:
        answer = await desk.marta.call(name, **data)
        assert (answer["ok"], answer["error"]["code"] != "internal") == (False, True), (name, answer)
