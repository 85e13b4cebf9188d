"""The queue in the hub: offers, presence, promises and what those who wait hear, on a clock that the tests move."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from conftest import PASSWORD_HASH
from moments import Moments

from handoff_server import people
from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, desk, intake, offers, presence, replies
from handoff_server.service.agent import Agent
from handoff_server.teams import Policy, Promise, Team
from handoff_server.timekeeper import Kind, Timekeeper

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
    assert (await office.events("handoff.released"))[-1] == {"why": "gone"}
    assert any("Marta tuvo que dejar la conversación" in line for line in await office.lines())


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
