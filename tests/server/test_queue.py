"""The queue in the hub: offers, presence, promises and what those who wait hear, on a clock that the tests move."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from conftest import PASSWORD_HASH, eventually
from moments import START, Moments

from handoff_server import people
from handoff_server import tables as t
from handoff_server.hours import Hours, Span
from handoff_server.refusal import Refusal
from handoff_server.routing import places
from handoff_server.service import accounts, desk, handoffs, intake, offers, presence, replies, turns
from handoff_server.service.agent import Agent
from handoff_server.settings import ROOT
from handoff_server.teams import Policy, Promise, Team
from handoff_server.teams_file import TeamsFile
from handoff_server.timekeeper import Kind, Timekeeper
from handoff_server.waiting import waiting

pytestmark = pytest.mark.asyncio
NAME = {"es": "Equipo", "en": "Team"}
POLICY = Policy(
    default_team="care",
    teams={
        "care": Team(id="care", name=NAME, mode="push", offer_ms=30_000),
        "sales": Team(id="sales", name=NAME, mode="push", last_agent_first=True, wrap_up_ms=60_000),
    },
    promises={"normal": Promise(60_000, 120_000, 3_600_000)},
    news_ms=(60_000, 120_000),
    agent_gone_ms=120_000,
    hard=("sensitive_topic",),
)


class Office(Moments):
    """People at consoles, customers who ask for a person, and a timekeeper who looks when time passes."""

    def __init__(self, database: str, policy: Policy) -> None:
        super().__init__(database, policy)
        self.timekeeper = Timekeeper(self.store, None, lambda: self.at)
        self.people: dict[str, Agent] = {}

    async def comes(self, name: str, role: str = "agent", **values: Any) -> Agent:
        agent: Agent = await self.run(accounts.create_agent, f"{name}@x.example", name, role, PASSWORD_HASH)
        if values:
            changed = t.agents.update().where(t.agents.c.id == agent.id).values(values)
            await self.run(lambda tx: tx.connection.execute(changed) and None)
        await self.online(agent)
        self.people[agent.id] = agent
        return agent

    async def passes(self, ms: int) -> None:
        """Consoles beat and the timekeeper looks, every ten seconds and at the end."""
        while ms > 0:
            step = min(ms, 10_000)
            self.later(step)
            ms -= step
            there = [row["id"] for row in await self.rows(sa.select(t.agents).where(t.agents.c.seen_at.is_not(None)))]
            await self.run(presence.heartbeat, there)
            await self.timekeeper.round()

    async def asks(self) -> str:
        self.later(1)
        conversation = (await self.run(accounts.open_widget_session, "demo", "es"))["conversation_id"]
        await self.run(intake.ask_human, conversation, f"{conversation}:h", None)
        return str(conversation)

    async def handoff(self, conversation: str) -> Any:
        h = t.handoffs.c
        mine = sa.select(t.handoffs).where(h.conversation_id == conversation).order_by(h.requested_at)
        return (await self.rows(mine))[-1]

    async def asked(self, conversation: str) -> str | None:
        """The name of the agent to whom it is offered."""
        offered_to = (await self.handoff(conversation))["offered_to"]
        return self.people[offered_to].name if offered_to else None

    async def epoch(self, conversation: str) -> int:
        return int(
            (await self.rows(sa.select(t.conversations).where(t.conversations.c.id == conversation)))[0]["epoch"]
        )

    async def takes(self, agent: Agent, conversation: str) -> None:
        await self.run(desk.claim, agent, conversation, await self.epoch(conversation))

    async def state(self, agent: Agent) -> Any:
        return (await self.rows(sa.select(t.agents).where(t.agents.c.id == agent.id)))[0]


@pytest_asyncio.fixture
async def office(database: str) -> AsyncIterator[Office]:
    one = Office(database, POLICY)
    await one.store.start()
    yield one
    await one.store.stop()


async def test_an_offer_goes_from_one_to_the_next_until_somebody_takes_it(office: Office) -> None:
    await office.comes("Marta")
    await office.comes("Jorge")
    customer = await office.asks()
    first = await office.asked(customer)
    await office.passes(20_000)
    assert await office.asked(customer) == first, "the time of the offer is not over"
    await office.passes(20_000)
    second = await office.asked(customer)
    assert {first, second} == {"Marta", "Jorge"}
    await office.passes(30_000)
    assert await office.asked(customer) == first, "all have missed it, so a new round begins"
    assert [one["why"] for one in await office.events("handoff.passed")] == ["missed", "missed"]
    await office.run(offers.decline, next(one for one in office.people.values() if one.name == first), customer)
    assert await office.asked(customer) == second
    await office.takes(next(one for one in office.people.values() if one.name == second), customer)
    handoff = await office.handoff(customer)
    assert (handoff["status"], handoff["offered_to"], handoff["passed"]) == ("assigned", None, [])


async def test_who_declines_alone_is_asked_again_when_the_time_of_that_offer_is_over(office: Office) -> None:
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.passes(10_000)
    await office.run(offers.decline, marta, customer)
    with pytest.raises(Refusal, match="not_owner"):
        await office.run(offers.decline, marta, customer)
    await office.passes(10_000)
    assert await office.asked(customer) is None
    await office.passes(10_000)
    assert await office.asked(customer) == "Marta"
    assert (await office.state(marta))["missed"] == 0


async def test_three_missed_in_a_row_are_an_empty_chair(office: Office) -> None:
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.passes(90_000)
    assert (await office.state(marta))["presence"] == "away"
    assert await office.asked(customer) is None
    assert len(await office.events("handoff.offered")) == 3
    await office.run(accounts.set_presence, marta, "online")
    assert await office.asked(customer) == "Marta"


async def test_what_is_offered_to_one_is_not_taken_by_another_except_by_a_supervisor(office: Office) -> None:
    await office.comes("Marta")
    customer = await office.asks()
    jorge = await office.comes("Jorge")
    lucia = await office.comes("Lucía", "supervisor", capacity=0)
    with pytest.raises(Refusal) as refused:
        await office.takes(jorge, customer)
    assert (refused.value.code, refused.value.details["by"]) == ("offered_elsewhere", "Marta")
    with pytest.raises(Refusal, match="offered_elsewhere"):
        await office.run(desk.take_over, jorge, customer, await office.epoch(customer))
    await office.takes(lucia, customer)


async def test_one_is_offered_at_a_time_and_no_more_than_fits(office: Office) -> None:
    marta = await office.comes("Marta", capacity=2)
    customers = [await office.asks() for _ in range(3)]
    assert [await office.asked(one) for one in customers] == ["Marta", None, None]
    for one in customers[:2]:
        assert await office.asked(one) == "Marta"
        await office.takes(marta, one)
    assert await office.asked(customers[2]) is None
    await office.run(desk.snooze, marta, customers[0], await office.epoch(customers[0]), None)
    assert await office.asked(customers[2]) == "Marta", "what is put aside does not count"


async def test_a_wrap_up_fills_a_place_until_it_is_over(office: Office) -> None:
    marta = await office.comes("Marta", capacity=1, teams=["sales"])
    office.policy = replace(POLICY, default_team="sales")
    first, second = await office.asks(), await office.asks()
    await office.takes(marta, first)
    await office.run(desk.resolve, marta, first, await office.epoch(first), "solved", None)
    assert await office.asked(second) is None
    await office.passes(60_000)
    assert await office.asked(second) == "Marta"


async def test_the_customer_comes_to_the_agent_of_last_time(office: Office) -> None:
    office.policy = replace(POLICY, default_team="sales")
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.takes(marta, customer)
    await office.comes("Jorge")
    await office.run(desk.return_to_bot, marta, customer, await office.epoch(customer), "Vuelve si hace falta")
    office.later(1)
    await office.run(intake.ask_human, customer, f"{customer}:h2", None)
    assert await office.asked(customer) == "Marta", "though Jorge has had nothing yet"


async def test_the_bot_goes_on_with_the_order_that_the_agent_names(
    office: Office,
) -> None:
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.takes(marta, customer)
    c = t.conversations.c
    known = {"order_number": "RX-4821", "verified_order": "RX-4821", "email": "ana@correo.example"}
    await office.run(
        lambda tx: tx.connection.execute(t.conversations.update().where(c.id == customer).values(carried=known))
    )
    where = (marta, customer, await office.epoch(customer), "Era otro pedido")
    with pytest.raises(Refusal, match="slot 'vip' is not one of"):
        await office.run(desk.return_to_bot, *where, {"vip": "sí"})
    await office.run(desk.return_to_bot, *where, {"order_number": " RX-1111 "})
    carried = await office.run(lambda tx: tx.conversation(customer).carried)
    assert carried == {"order_number": "RX-1111", "email": "ana@correo.example"}


async def test_a_closed_laptop_gives_everything_back_and_a_short_break_nothing(office: Office) -> None:
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.takes(marta, customer)
    await office.run(accounts.connected, marta, False)
    await office.passes(110_000)
    await office.run(accounts.connected, marta, True)
    await office.passes(60_000)
    assert (await office.handoff(customer))["status"] == "assigned"
    waits = await office.asks()
    assert await office.asked(waits) == "Marta"
    await office.run(accounts.connected, marta, False)
    assert await office.asked(waits) is None, "an offer does not wait for who has gone"
    await office.passes(120_000)
    handoff = await office.handoff(customer)
    assert (handoff["status"], handoff["priority"]) == ("queued", "high")
    assert (await office.events("handoff.released"))[-1] == {"why": "gone", "agent_id": marta.id}
    lines = await office.lines()
    released = next(place for place, line in enumerate(lines) if "Marta tuvo que dejar la conversación" in line)
    assert "no hay nadie del equipo en línea" in lines[released + 1], "and the truth about the wait"


async def test_a_console_that_is_not_heard_of_is_gone_and_comes_back_by_its_heartbeat(office: Office) -> None:
    marta = await office.comes("Marta")
    office.later(people.ONLINE_MS)
    await office.timekeeper.round()
    assert (await office.state(marta))["gone_at"] == office.at - people.ONLINE_MS
    customer = await office.asks()
    assert await office.asked(customer) is None
    await office.run(presence.heartbeat, [marta.id])
    assert (await office.state(marta))["gone_at"] is None
    assert await office.asked(customer) == "Marta"


async def test_since_when_somebody_is_there_away_or_gone_is_known(office: Office) -> None:
    marta = await office.comes("Marta")

    async def shown() -> tuple[str, int | None]:
        """Presence and for how long, in seconds."""
        one = people.presence(await office.state(marta), office.at)
        return one["presence"], one["since"] and (office.at - one["since"]) // 1000

    await office.passes(60_000)
    assert await shown() == ("online", 60)
    await office.run(accounts.connected, marta, False)
    office.later(20_000)
    assert await shown() == ("offline", 20)
    await office.run(accounts.connected, marta, True)
    assert await shown() == ("online", 80), "who reloads the page has not been away"
    await office.run(accounts.set_presence, marta, "online")
    assert await shown() == ("online", 80), "said again, nothing changes"
    await office.run(accounts.set_presence, marta, "away")
    await office.passes(10_000)
    assert await shown() == ("away", 10)
    office.later(people.ONLINE_MS)
    assert await shown() == ("offline", 45), "a silent console is gone since it was heard of last"
    await office.timekeeper.round()
    office.later(1_000)
    assert await shown() == ("offline", 46)
    await office.run(presence.heartbeat, [marta.id])
    assert await shown() == ("away", 0)


async def test_a_restart_of_the_hub_releases_nothing_at_once(office: Office) -> None:
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.takes(marta, customer)
    await office.run(accounts.nobody_connected)
    await office.passes(110_000)
    assert (await office.handoff(customer))["status"] == "assigned"
    await office.passes(10_000)
    assert (await office.handoff(customer))["status"] == "queued"


async def test_what_wakes_while_its_agent_is_gone_goes_back_too(office: Office) -> None:
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.takes(marta, customer)
    await office.run(desk.snooze, marta, customer, await office.epoch(customer), office.at + 600_000)
    await office.run(accounts.connected, marta, False)
    await office.passes(300_000)
    assert (await office.handoff(customer))["status"] == "assigned", "what is put aside waits for its agent"
    await office.passes(420_000)
    assert (await office.handoff(customer))["status"] == "queued"


async def test_promises_are_warned_of_and_broken_once_each(office: Office) -> None:
    marta = await office.comes("Marta", capacity=1)
    await office.takes(marta, await office.asks())
    customer = await office.asks()
    requested_at = office.at
    await office.passes(50_000)
    assert (await office.handoff(customer))["due"] == {
        "promise": "first_reply",
        "at": requested_at + 60_000,
        "state": "warned",
    }
    await office.passes(120_000)
    mine = [one for one in await _told(office, customer) if one[1] == "first_reply"]
    assert mine == [("handoff.warned", "first_reply"), ("handoff.broken", "first_reply")]
    assert (await office.handoff(customer))["due"]["state"] == "broken"


async def test_each_next_reply_is_promised_anew(office: Office) -> None:
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.takes(marta, customer)
    for count in range(2):
        await office.run(replies.reply, marta, customer, await office.epoch(customer), f"r{count}", "Ya lo veo", False)
        await office.run(intake.receive, intake.IncomingMessage(customer, f"{customer}:m{count}", "¿Y?"))
        await office.passes(130_000)
    assert [one for one in await _told(office, customer) if one[1] == "next_reply"] == [
        ("handoff.warned", "next_reply"),
        ("handoff.broken", "next_reply"),
    ] * 2


async def _told(office: Office, conversation: str) -> list[tuple[str, str]]:
    e = t.events.c
    states = ("handoff.warned", "handoff.broken")
    rows = await office.rows(
        sa.select(t.events).where(e.conversation_id == conversation, e.name.in_(states)).order_by(e.seq)
    )
    return [(row["name"], row["data"]["promise"]) for row in rows]


async def test_those_who_wait_hear_the_truth_at_set_times(office: Office) -> None:
    await office.asks()
    await office.asks()
    before = len(await office.lines())
    await office.passes(59_000)
    assert len(await office.lines()) == before
    await office.passes(1_000)
    assert "lugar 1" in (await office.lines())[before] and "no hay nadie" in (await office.lines())[before]
    await office.comes("Marta", capacity=0)
    await office.passes(250_000)
    heard = [line for line in (await office.lines())[before:] if "Sigues en la fila" in line]
    assert len(heard) == 2 * 3, "after one minute, then after two, and two again"
    assert "eres la siguiente" in heard[-2] and "lugar 2" in heard[-1]


async def test_the_expected_wait_is_told_when_it_can_be_known(office: Office) -> None:
    marta = await office.comes("Marta", capacity=9)
    for _ in range(6):
        customer = await office.asks()
        await office.takes(marta, customer)
        await office.passes(240_000)
    await office.run(accounts.set_presence, marta, "away")
    await office.comes("Jorge", capacity=0)
    await office.asks()
    await office.passes(60_000)
    assert "cerca de 5 minutos" in (await office.lines())[-1]


async def test_a_new_policy_counts_for_those_who_wait_already(office: Office) -> None:
    await office.comes("Marta", capacity=0)
    customer = await office.asks()
    office.policy = replace(POLICY, version="2", promises={"normal": Promise(first_reply_ms=600_000)}, news_ms=())
    await office.timekeeper.renew()
    assert (await office.handoff(customer))["due"]["at"] == office.at + 600_000
    assert len(await office.events("handoff.renewed")) == 1
    await office.timekeeper.renew()
    assert len(await office.events("handoff.renewed")) == 1


async def test_one_bad_row_keeps_no_other_from_its_turn(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def look(_tx: Any, row: str) -> None:
        looked.append(row)
        if row == "bad":
            raise ValueError(row)

    kind = Kind("trying", lambda _connection, _at, _policy: ["bad", "good"], look)
    monkeypatch.setattr("handoff_server.timekeeper.KINDS", (kind,))
    await office.timekeeper.round()
    await office.timekeeper.round()
    assert looked.count("good") >= 2
    rounds = looked.count("bad")
    await office.timekeeper.round()
    assert looked.count("bad") == rounds, "it is put off"


async def _press(office: Office, conversation: str, title: str) -> None:
    b = t.buttons.c
    found = await office.rows(
        sa.select(t.buttons).where(b.conversation_id == conversation, b.title == title).order_by(b.message_id)
    )
    pressed = intake.IncomingMessage(conversation, f"{conversation}:{found[-1]['id']}", "", found[-1]["id"])
    await office.run(intake.receive, pressed)


async def test_who_waits_may_leave_by_a_button_or_a_word(office: Office) -> None:
    first, second = await office.asks(), await office.asks()
    await office.passes(60_000)
    await _press(office, first, "Salir de la fila")
    await office.run(intake.receive, intake.IncomingMessage(second, f"{second}:w", "¡Salir!"))
    for one in (first, second):
        assert (await office.handoff(one))["status"] == "cancelled"
    assert [one["why"] for one in await office.events("handoff.cancelled")] == ["left", "left"]
    assert [one["outcome"] for one in await office.events("case.closed")] == ["left", "left"]
    assert (await office.lines())[-1].startswith("Listo, saliste de la fila")
    assert await office.begins() is None, "Rasa hears nothing of it"


async def test_who_waits_may_go_on_with_the_assistant(office: Office) -> None:
    customer = await office.asks()
    await office.passes(60_000)
    await _press(office, customer, "Volver al asistente")
    assert (await office.events("handoff.cancelled"))[-1] == {"why": "back_to_bot"}
    assert await office.begins() is None
    await office.run(intake.receive, intake.IncomingMessage(customer, f"{customer}:m", "hola"))
    assert (await office.begins()).request["text"] == "hola"


async def test_a_button_of_the_wait_that_is_pressed_too_late_is_only_its_words(office: Office) -> None:
    customer = await office.asks()
    await office.passes(60_000)
    await office.run(handoffs.cancel, customer)
    await _press(office, customer, "Salir de la fila")
    request = (await office.begins()).request
    assert request["text"] == "Salir de la fila" and "payload" not in request


async def test_who_does_not_want_to_wait_is_answered_later_ahead_of_the_others(office: Office) -> None:
    customer = await office.asks()
    await office.passes(60_000)
    await _press(office, customer, "Respuesta más tarde")
    assert (await office.handoff(customer))["status"] == "expired"
    assert "hoy a las" in (await office.lines())[-1] and "Tu número de caso" in (await office.lines())[-1]
    await _may_say_how_to_be_reached(office, "/ask_callback")
    other = await office.asks()
    await office.comes("Marta", capacity=1)
    assert await office.asked(other) == "Marta"
    await office.takes(next(iter(office.people.values())), other)
    third = await office.asks()
    await office.passes(3_600_000)
    again = await office.handoff(customer)
    assert (again["status"], again["callback"]) == ("queued", True)
    place = places(await office.store.read(waiting, office.at))
    assert (place[customer], place[third]) == (1, 2)


async def _may_say_how_to_be_reached(office: Office, event: str) -> None:
    """The bot asks; if it cannot, the promise stands as it is."""
    begun, said = await office.begins(), len(await office.lines())
    assert begun.request["payload"] == event
    await office.run(turns.fail, begun.turn_id, "late")
    assert len(await office.lines()) == said
    assert len(await office.events("callback.requested")) == 1


MIDDAY = START + (18 * 3_600_000 - START % 86_400_000)  # 18:00 UTC of that day
OFFICE = Hours("UTC", ((Span(8 * 60, 19 * 60),),) * 7)
CLOSING = replace(
    POLICY,
    teams={
        "care": replace(POLICY.teams["care"], hours=OFFICE),
        "night": Team(id="night", name={"es": "Turno de noche", "en": "Night shift"}),
    },
    nobody_online="callback",
    at_closing="callback",
    news_ms=(),
    promises={},
)


async def test_those_who_still_wait_when_the_team_goes_home_are_promised_the_next_opening(office: Office) -> None:
    office.policy, office.at = CLOSING, MIDDAY
    await office.comes("Marta", capacity=0)
    customer = await office.asks()
    await office.passes(3_590_000)
    assert (await office.handoff(customer))["status"] == "queued"
    await office.passes(10_000)
    assert (await office.handoff(customer))["status"] == "expired"
    assert (await office.events("handoff.expired")) == [{"why": "closing"}]
    last = (await office.lines())[-1]
    assert "terminó por hoy" in last and "mañana a las 8:00" in last
    await _may_say_how_to_be_reached(office, "/handoff_expired")
    office.later(13 * 3_600_000 - 30_000)
    await office.run(presence.heartbeat, list(office.people))
    await office.passes(60_000)
    again = await office.handoff(customer)
    assert (again["status"], again["callback"]) == ("queued", True)
    assert len(await office.events("handoff.expired")) == 1


async def test_who_was_promised_an_answer_does_not_join_an_empty_queue(office: Office) -> None:
    office.policy, office.at = CLOSING, MIDDAY
    marta = await office.comes("Marta", capacity=0)
    await office.run(accounts.connected, marta, False)
    customer = (await office.run(accounts.open_widget_session, "demo", "es"))["conversation_id"]
    await office.run(intake.receive, intake.IncomingMessage(customer, f"{customer}:m", "mi pedido"))
    office.later(POLICY.agent_gone_ms or 0)
    await office.run(turns.fail, (await office.begins()).turn_id, "late")
    await office.run(accounts.connected, marta, True)
    await office.run(accounts.connected, marta, False)
    await office.passes(30_000)
    assert await office.events("handoff.requested") == [], "Marta may be back soon, but is not"
    await office.run(accounts.connected, marta, True)
    await office.passes(30_000)
    assert (await office.handoff(customer))["callback"]


async def test_a_team_that_stands_in_takes_over_those_who_wait(office: Office) -> None:
    care = replace(CLOSING.teams["care"], when_closed="night")
    office.policy, office.at = replace(CLOSING, teams={**CLOSING.teams, "care": care}), MIDDAY
    await office.comes("Marta", capacity=0)
    await office.comes("Noé", teams=["night"])
    customer = await office.asks()
    await office.passes(3_600_000)
    handoff = await office.handoff(customer)
    assert (handoff["status"], handoff["team"]) == ("queued", "night")
    assert "Turno de noche" in (await office.lines())[-1]
    await office.passes(600_000)
    assert len(await office.events("handoff.transferred")) == 1


async def test_what_an_agent_leaves_behind_after_hours_is_promised_for_the_next_opening(office: Office) -> None:
    office.policy, office.at = CLOSING, MIDDAY
    marta = await office.comes("Marta")
    customer = await office.asks()
    await office.takes(marta, customer)
    await office.passes(3_600_000)
    await office.run(accounts.connected, marta, False)
    await office.passes(120_000)
    assert (await office.handoff(customer))["status"] == "expired"
    assert "mañana a las 8:00" in (await office.lines())[-1]


@pytest.mark.parametrize(
    ("hour", "truth"), [(12, "no hay nadie del equipo en línea"), (22, "vuelve mañana a las 8:00")]
)
async def test_whoever_calls_a_person_when_nobody_is_there_hears_the_truth_and_is_asked_by_the_bot(
    office: Office, hour: int, truth: str
) -> None:
    office.policy, office.at = CLOSING, MIDDAY + (hour - 18) * 3_600_000
    customer = (await office.run(accounts.open_widget_session, "demo", "es"))["conversation_id"]
    await office.run(intake.receive, intake.IncomingMessage(customer, f"{customer}:w", "agente"))
    assert truth in (await office.lines())[-1]
    assert await office.events("handoff.requested") == []
    begun = await office.begins()
    assert begun.request["payload"] == "/ask_callback"
    await office.run(turns.fail, begun.turn_id, "late")
    assert "Una persona te responderá aquí mismo" in (await office.lines())[-1]
    assert len(await office.events("callback.requested")) == 1


async def test_a_bot_that_fails_when_nobody_is_there_leaves_nobody_in_silence(office: Office) -> None:
    office.policy, office.at = CLOSING, MIDDAY + 4 * 3_600_000
    customer = (await office.run(accounts.open_widget_session, "demo", "es"))["conversation_id"]
    await office.run(intake.receive, intake.IncomingMessage(customer, f"{customer}:m", "mi pedido"))
    begun = await office.begins()
    await office.run(turns.fail, begun.turn_id, "late")
    last = (await office.lines())[-1]
    assert "tuve un problema" in last and "vuelve mañana a las 8:00" in last and "te responderá aquí mismo" in last
    promised = (await office.rows(sa.select(t.callbacks)))[0]
    assert promised["asked"]["reason"] == "bot_failure"


async def test_a_changed_file_counts_for_those_who_wait_and_a_store_in_trouble_only_delays_it(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "teams.yml"
    shipped = (ROOT / "teams.yml").read_text(encoding="utf-8")
    path.write_text(shipped.replace("nobody_online: callback", "nobody_online: wait"), encoding="utf-8")
    file = TeamsFile(path)
    office.policy = file.current()
    customer = await office.asks()
    monkeypatch.setattr("handoff_server.timekeeper.FILE_SECONDS", 0.02)
    keeper = Timekeeper(office.store, file, lambda: office.at)
    renew, troubled = keeper.renew, [OSError("full"), OSError("full")]

    async def sometimes() -> None:
        if troubled:
            raise troubled.pop()
        office.policy = file.current()
        await renew()

    monkeypatch.setattr(keeper, "renew", sometimes)
    following = asyncio.create_task(keeper.follow_teams())
    path.write_text(path.read_text(encoding="utf-8").replace("normal: {first_reply: 3m", "normal: {first_reply: 7m"))

    async def counts() -> bool:
        return bool((await office.handoff(customer))["due"]["at"] == office.at + 7 * 60_000)

    await eventually(counts)
    following.cancel()
    assert troubled == []
