"""What agents do with a conversation, through real sockets: pass it on, let it rest, complete it, block a customer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from conftest import Console, Hub, Widget, agents, eventually, running_hub, until

from handoff_server import tables as t
from handoff_server.clock import now
from handoff_server.service import desk, wrap_up
from handoff_server.settings import ROOT
from handoff_server.transaction import Tx

pytestmark = pytest.mark.asyncio
TEAMS = (ROOT / "teams.yml").read_text(encoding="utf-8")


@pytest_asyncio.fixture
async def desks(database: str, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub with teams that are always there and leave a minute for wrapping up."""
    text = TEAMS.replace("hours: office", "hours: always").replace("mode: push", "mode: pull")
    text = text.replace("nobody_online: callback", "nobody_online: wait")
    (tmp_path / "teams.yml").write_text(text.replace("mode: pull # people", "wrap_up: 1m\n    mode: pull # people"))
    async with running_hub(database, teams_file=tmp_path / "teams.yml") as hub:
        await agents(hub.store)
        yield hub


class Scene:
    """A customer who waits, two agents and a supervisor."""

    def __init__(self, widget: Widget, marta: Console, jorge: Console, lucia: Console) -> None:
        self.widget, self.marta, self.jorge, self.lucia = widget, marta, jorge, lucia
        self.id = widget.conversation_id

    @property
    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = self.marta.records["conversations"][self.id]
        return found

    def story(self) -> list[str]:
        events = sorted(self.marta.records["events"].values(), key=lambda one: one["seq"])
        return [one["name"] for one in events if one["conversation_id"] == self.id and "message." not in one["name"]]

    async def taken_by(self, console: Console) -> None:
        assert (await console.ask("claim", self.id))["ok"]
        await until(lambda: all(one.records["conversations"][self.id]["owner"] == "agent" for one in self.consoles))

    @property
    def consoles(self) -> list[Console]:
        return [self.marta, self.jorge, self.lucia]

    async def everyone(self, condition: Any) -> None:
        await until(lambda: all(condition(one.records["conversations"][self.id]) for one in self.consoles))


@asynccontextmanager
async def scene(hub: Hub) -> AsyncIterator[Scene]:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
        Console(hub, await hub.log_in("lucia@demo.example")) as lucia,
    ):
        made = Scene(widget, marta, jorge, lucia)
        await widget.call("ask_human", client_message_id="m0")
        await until(lambda: all(made.id in console.records["conversations"] for console in made.consoles))
        yield made


async def test_one_agent_passes_it_to_another_who_has_everything(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        told = await s.marta.ask("transfer", s.id, agent_id=s.jorge.me["id"], note="Sabe de envíos a Perú")
        assert told["ok"]
        await s.everyone(lambda one: one["assignee_id"] == s.jorge.me["id"])
        await until(lambda: any("Jorge continúa contigo" in text for text in s.widget.texts()))
        assert not (await s.marta.ask("reply", s.id, client_message_id="r1", text="…", private=False))["ok"]
        assert (await s.jorge.ask("reply", s.id, client_message_id="r2", text="Aquí estoy", private=False))["ok"]
        moved = next(one for one in s.marta.records["events"].values() if one["name"] == "handoff.transferred")
        assert moved["data"]["note"] == "Sabe de envíos a Perú" and moved["data"]["to_agent"] == s.jorge.me["id"]


async def test_to_a_team_it_waits_there_with_its_place(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        before = s.shown["handoff"]["requested_at"]
        assert (await s.marta.ask("transfer", s.id, team="payments", note="Cobro doble"))["ok"]
        await s.everyone(lambda one: one["owner"] == "queue")
        await until(lambda: any("Te paso con Pagos y reembolsos" in text for text in s.widget.texts()))
        assert s.shown["handoff"]["requested_at"] == before
        await s.taken_by(s.jorge)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({"team": "astronauts"}, "none of care, payments, sales"),
        ({"agent_id": "a-nobody"}, "no agent"),
        ({"team": "sales", "note": ""}, "note"),
        ({}, "team"),
    ],
)
async def test_a_transfer_to_nowhere_is_refused_and_nothing_moves(desks: Hub, where: dict[str, str], why: str) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        answer = await s.marta.ask("transfer", s.id, **({"note": "n"} | where))
        assert not answer["ok"] and why in answer["error"]["message"]
        assert s.shown["assignee_id"] == s.marta.me["id"]


async def test_nobody_gets_a_conversation_who_is_not_there(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        await s.jorge.call("presence", presence="away")
        answer = await s.marta.ask("transfer", s.id, agent_id=s.jorge.me["id"], note="n")
        assert answer["error"]["code"] == "invalid_request" and "not online" in answer["error"]["message"]


async def test_a_supervisor_assigns_what_waits(desks: Hub) -> None:
    async with scene(desks) as s:
        refused = await s.marta.ask("transfer", s.id, agent_id=s.jorge.me["id"], note="n")
        assert refused["error"]["code"] == "not_owner"
        assert (await s.lucia.ask("transfer", s.id, agent_id=s.jorge.me["id"], note="Es tuya"))["ok"]
        await s.everyone(lambda one: one["assignee_id"] == s.jorge.me["id"])


async def test_a_snoozed_conversation_comes_back_when_the_customer_writes(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        assert (await s.jorge.ask("snooze", s.id, until=None))["error"]["code"] == "not_owner"
        assert (await s.marta.ask("snooze", s.id, until=None))["ok"]
        await s.everyone(lambda one: one["snoozed_until"] is not None and one["unread"] == 0)
        await s.widget.call("send", client_message_id="m1", text="ya encontré el recibo")
        await s.everyone(lambda one: one["snoozed_until"] is None and one["unread"] == 1)
        assert (await s.marta.ask("snooze", s.id, until=now() + 60_000))["ok"]
        await s.everyone(lambda one: one["snoozed_until"] is not None)
        assert (await s.marta.ask("wake", s.id))["ok"]
        await s.everyone(lambda one: one["snoozed_until"] is None)
        assert s.story().count("conversation.snoozed") == s.story().count("conversation.woken") == 2


@pytest.mark.parametrize("until_ms", [1, 2**52])
async def test_a_time_to_wake_that_makes_no_sense(desks: Hub, until_ms: int) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        assert "90 days" in (await s.marta.ask("snooze", s.id, until=until_ms))["error"]["message"]


async def test_when_its_time_has_come_it_wakes_by_itself_and_only_then(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        await s.marta.ask("snooze", s.id, until=now() + 60_000)
        await desks.store.run(desk.wake_if_due, s.id)
        await s.everyone(lambda one: one["snoozed_until"] is not None)

        def later(tx: Tx) -> None:
            tx.at += 60_001
            desk.wake_if_due(tx, s.id)

        await desks.store.run(later)
        await s.everyone(lambda one: one["snoozed_until"] is None and one["unread"] == 1)


async def test_what_was_resolved_is_completed_in_the_time_set_aside(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        handoff = s.shown["handoff"]["id"]
        early = await s.marta.call("wrap_up", handoff_id=handoff, verdict="right")
        assert "only a resolved one" in early["error"]["message"]
        wrong = await s.marta.ask("resolve", s.id, disposition="magic")
        assert "solved, not_solved, duplicate, spam" in wrong["error"]["message"]
        assert (await s.marta.ask("resolve", s.id, disposition="solved"))["ok"]
        await until(lambda: s.shown["owner"] == "bot")
        assert s.shown["handoff"]["wrapped_at"] is None and s.shown["handoff"]["wrap_up_until"] > now()
        stranger = await s.jorge.call("wrap_up", handoff_id=handoff, verdict="late")
        assert stranger["error"]["code"] == "forbidden"
        said = {"disposition": "not_solved", "note": "Falta el banco", "verdict": "late", "asked_again": True}
        assert (await s.marta.call("wrap_up", handoff_id=handoff, **said))["ok"]
        await until(lambda: s.shown["handoff"]["wrapped_at"] is not None)
        kept = s.shown["handoff"]
        assert said.items() <= kept.items() and kept["wrap_up_until"] is None
        assert (await s.lucia.call("wrap_up", handoff_id=handoff, verdict="right"))["ok"]
        await until(lambda: s.shown["handoff"]["verdict"] == "right" and s.shown["handoff"]["asked_again"])
        assert (
            "one of right, early, late, needless"
            in (await s.marta.call("wrap_up", handoff_id=handoff, verdict="meh"))["error"]["message"]
        )


async def test_the_time_set_aside_ends_by_itself(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        handoff = s.shown["handoff"]["id"]
        await s.marta.ask("resolve", s.id, disposition="solved", verdict="needless")
        await until(lambda: s.shown["owner"] == "bot")

        def later(tx: Tx) -> None:
            wrap_up.wrap_up_if_due(tx, handoff)
            assert tx.handoff(handoff).wrapped_at is None, "not before its time"
            tx.at += 60_000
            wrap_up.wrap_up_if_due(tx, handoff)
            wrap_up.wrap_up_if_due(tx, handoff)

        await desks.store.run(later)
        await until(lambda: s.shown["handoff"]["wrapped_at"] is not None)
        assert s.story().count("handoff.wrapped") == 1 and s.shown["handoff"]["verdict"] == "needless"


async def test_a_blocked_customers_words_are_kept_and_call_nobody(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        assert (await s.jorge.call("block", conversation_id=s.id, blocked=True))["error"]["code"] == "forbidden"
        await s.marta.ask("resolve", s.id, disposition="spam")
        assert (await s.lucia.call("block", conversation_id=s.id, blocked=True))["ok"]
        await s.everyone(lambda one: one["blocked_at"] is not None)
        turns = len(desks.rasa.turns)
        for number, text in enumerate(("compra ya", "agente", "hola")):
            assert (await s.widget.call("send", client_message_id=f"x{number}", text=text))["ok"]
        await s.widget.call("ask_human", client_message_id="x9")
        await until(lambda: "hola" in s.marta.texts(s.id))
        assert (s.shown["owner"], s.shown["unread"], len(desks.rasa.turns)) == ("bot", 0, turns)
        assert (await s.lucia.call("block", conversation_id=s.id, blocked=False))["ok"]
        await s.widget.call("send", client_message_id="y1", text="perdón, era otra cosa")
        await until(lambda: len(desks.rasa.turns) == turns + 1)
        assert desks.rasa.turns[-1]["text"] == "perdón, era otra cosa", "what was written meanwhile is not answered"
        assert sum("No podemos seguir" in text for text in s.widget.texts()) == 1


async def test_the_first_answer_and_the_next_ones_are_counted_from_when_the_customer_waits(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        await s.widget.call("send", client_message_id="m1", text="¿hola?")
        await until(lambda: "¿hola?" in s.marta.texts(s.id))
        assert s.shown["handoff"]["waiting_since"] is None, "the first answer is still due"
        await s.marta.ask("reply", s.id, client_message_id="n1", text="nota", private=True)
        assert "handoff.first_reply" not in s.story()
        await s.marta.ask("reply", s.id, client_message_id="r1", text="Hola, dime", private=False)
        await until(lambda: s.shown["handoff"]["first_reply_at"] is not None)
        await s.widget.call("send", client_message_id="m2", text="mi pedido")
        await until(lambda: s.shown["handoff"]["waiting_since"] is not None)
        since = s.shown["handoff"]["waiting_since"]
        await s.widget.call("send", client_message_id="m3", text="RX-4821")
        await until(lambda: "RX-4821" in s.marta.texts(s.id))
        assert s.shown["handoff"]["waiting_since"] == since
        await s.marta.ask("reply", s.id, client_message_id="r2", text="Lo miro", private=False)
        await until(lambda: s.shown["handoff"]["waiting_since"] is None)
        assert s.story().count("handoff.first_reply") == 1


async def test_supervisors_say_who_can_do_what(desks: Hub) -> None:
    async with scene(desks) as s:
        jorge, what = s.jorge.me["id"], {"skills": ["privacy"], "languages": ["en"], "capacity": 2}
        mine = await s.marta.call("agent", agent_id=jorge, teams=["payments"], **what)
        assert mine["error"]["code"] == "forbidden"
        assert (await s.lucia.call("agent", agent_id=jorge, teams=["payments"], **what))["ok"]
        for wrong in ({"teams": ["astronauts"]}, {"skills": ["magic"]}, {"languages": ["la"]}, {"capacity": 51}):
            answer = await s.lucia.call("agent", agent_id=jorge, **({"teams": []} | what | wrong))
            assert answer["error"]["code"] == "invalid_request", wrong
        for wrong_shape in ({"teams": "payments"}, {"teams": [""]}, {"capacity": "many"}):
            answer = await s.lucia.call("agent", agent_id=jorge, **({"teams": []} | what | wrong_shape))
            assert answer["error"]["code"] == "invalid_request", wrong_shape


async def test_an_agent_who_leaves_the_company_leaves_nobody_alone(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.jorge)
        gone = s.jorge.me["id"]
        assert (await s.marta.call("remove_agent", agent_id=gone))["error"]["code"] == "forbidden"
        assert (await s.lucia.call("remove_agent", agent_id=s.lucia.me["id"]))["error"]["code"] == "invalid_request"
        assert (await s.lucia.call("remove_agent", agent_id=gone))["ok"]
        await until(lambda: s.shown["owner"] == "queue")
        await until(lambda: any("tuvo que dejar la conversación" in text for text in s.widget.texts()))
        assert (await s.jorge.call("presence", presence="online"))["error"]["code"] == "unauthorized"
        with pytest.raises(AssertionError, match="bad_credentials"):
            await desks.log_in("jorge@demo.example")
        again = await s.lucia.call("remove_agent", agent_id=gone)
        assert "no agent" in again["error"]["message"]
        shown = (await s.lucia.call("snapshot"))["change"]["agents"]
        assert {one["name"]: one["removed"] for one in shown} == {"Marta": False, "Jorge": True, "Lucía": False}


async def test_the_console_hears_what_it_may_choose(desks: Hub) -> None:
    async with scene(desks) as s:
        policy = (await s.marta.call("snapshot"))["policy"]
        assert [one["id"] for one in policy["teams"]] == ["care", "payments", "sales"]
        assert (await s.marta.call("sync", since=s.marta.seq))["policy"] == policy
        assert policy["teams"][0]["open"] and policy["teams"][0]["name"]["en"] == "Customer care"
        assert {"id": "spam", "name": {"es": "Spam", "en": "Spam"}, "settled": False} in policy["dispositions"]


async def test_every_step_says_who_under_which_epoch_and_rules(desks: Hub) -> None:
    async with scene(desks) as s:
        await s.taken_by(s.marta)
        await s.marta.ask("transfer", s.id, team="payments", note="n")
        await s.everyone(lambda one: one["owner"] == "queue")

    def kept(connection: Any) -> list[Any]:
        e = t.events.c
        rows = connection.execute(t.events.select().where(e.conversation_id == s.id).order_by(e.seq)).all()
        return [(row.name, row.actor_kind, row.epoch) for row in rows if not row.name.startswith("message.")]

    async def done() -> bool:
        return len(await desks.store.read(kept)) >= 4

    await eventually(done)
    story = [one for one in await desks.store.read(kept) if one[0].startswith("handoff.")]
    assert story == [
        ("handoff.requested", "customer", 2),
        ("handoff.assigned", "agent", 3),
        ("handoff.transferred", "agent", 4),
    ]
