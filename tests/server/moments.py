"""A hub's store whose clock a test moves, with a policy of the test's own: what happens later happens now."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from conftest import PASSWORD_HASH, spoken

from handoff_server import tables as t
from handoff_server.job import Job, jobs_left
from handoff_server.service import accounts, intake, turns
from handoff_server.service.agent import Agent
from handoff_server.store import Store
from handoff_server.teams import Policy

START = 1_795_000_000_000


class Moments:
    """One conversation on a store. `at` is the time; `later` moves it."""

    def __init__(self, database: str, policy: Policy) -> None:
        self.at = START
        self.policy = policy
        self.store = Store(database, lambda: self.at, lambda: self.policy)
        self.conversation = ""
        self.turn: dict[str, Any] = {}  # the request of the last one that was begun
        self._said = 0

    async def run(self, change: Any, *arguments: Any) -> Any:
        return await self.store.run(change, *arguments)

    async def rows(self, query: sa.Select[Any]) -> list[Any]:
        return await self.store.read(lambda connection: list(connection.execute(query).mappings()))

    def later(self, ms: int) -> None:
        self.at += ms

    async def agent(self, name: str = "Marta") -> Agent:
        agent: Agent = await self.run(accounts.create_agent, f"{name}@x.example", name, "agent", PASSWORD_HASH)
        return agent

    async def online(self, agent: Agent) -> None:
        await self.run(accounts.connected, agent, True)

    async def writes(self, text: str, button_id: str | None = None) -> None:
        self._said += 1
        await self.run(intake.receive, intake.IncomingMessage(self.conversation, f"m{self._said}", text, button_id))

    async def begins(self) -> Any:
        """The turn that is due, posted; None when there is none."""
        for job in await self.store.read(jobs_left):
            if job.kind == "bot_turn" and job.run_at <= self.at and (begun := await self._begin(job)):
                self.turn = begun.request
                return begun
        return None

    async def _begin(self, job: Job) -> Any:
        return await self.run(turns.begin, job, 8000)

    async def says(self, text: str, intent: str = "order_status", words: str = "De acuerdo.", **report: Any) -> Any:
        """The customer writes, and the assistant understands `intent`; the turn's request."""
        await self.writes(text)
        return await self.answers(intent, words, **report)

    async def answers(self, intent: str, words: str = "De acuerdo.", **report: Any) -> Any:
        begun = await self.begins()
        about = {"intent": {"name": intent, "confidence": 0.9}} | report
        await self.run(turns.finish, begun.turn_id, spoken(begun.request, words, **about))
        return begun.request

    async def asks(self, change: Any, **body: Any) -> Any:
        """What an action of the turn under way asks of the hub."""
        about = {"version": 1, "sender": self.turn["sender"], "turn_id": self.turn["turn_id"]}
        return await self.run(change, about | body)

    async def owner(self) -> Any:
        return (await self.rows(sa.select(t.conversations).where(t.conversations.c.id == self.conversation)))[0]

    async def cases(self) -> list[Any]:
        return await self.rows(sa.select(t.cases).order_by(t.cases.c.opened_at, t.cases.c.id))

    async def outcomes(self) -> list[tuple[str | None, str | None, int]]:
        """Topic, outcome and reopenings of each case, oldest first."""
        return [(one["topic"], one["outcome"], one["reopened"]) for one in await self.cases()]

    async def events(self, name: str) -> list[Any]:
        """The data of all events of that name."""
        found = await self.rows(sa.select(t.events).where(t.events.c.name == name).order_by(t.events.c.seq))
        return [one["data"] for one in found]

    async def lines(self) -> list[str]:
        """What was said to the customer by the hub and the bot, in order."""
        m = t.messages.c
        outgoing = (m.direction == "outgoing", m.private.is_(False), m.delivery != "suppressed")
        return [one["text"] for one in await self.rows(sa.select(t.messages).where(*outgoing).order_by(m.id))]


@asynccontextmanager
async def moments(database: str, policy: Policy) -> AsyncIterator[Moments]:
    one = Moments(database, policy)
    await one.store.start()
    one.conversation = (await one.run(accounts.open_widget_session, "demo", "es"))["conversation_id"]
    yield one
    await one.store.stop()
