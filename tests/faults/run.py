"""One run: traffic and faults as planned, then rest, then the dump."""

import asyncio
import contextlib
import random
import time
from pathlib import Path

import aiohttp

from tests.fakes.faults import Travel
from tests.fakes.server import Server
from tests.fakes.whatsapp import WhatsApp
from tests.faults import dump
from tests.faults.consoles import Console
from tests.faults.customers import Phone, Widget
from tests.faults.databases import Database, SQLite
from tests.faults.hub import Hub, free_port
from tests.faults.journal import Journal
from tests.faults.mischief import Mischief
from tests.faults.plan import Customer, Move, Plan
from tests.faults.proxy import Proxy
from tests.faults.stage import AGENTS, HANDOFF_TOKEN, RASA_TOKEN, Stage

REST_SECONDS = 35.0  # after the last fault everything must have come to rest by then
SETTINGS = {
    "ENVIRONMENT": "development",
    "RELEVO_HOST": "127.0.0.1",
    "PUBLIC_URL": "",
    "RASA_TOKEN": RASA_TOKEN,
    "HANDOFF_TOKEN": HANDOFF_TOKEN,
    "TEAMS_FILE": "",  # one team that is always there: faults are to be seen, not office hours
    "TURN_DEADLINE_MS": "2500",
    "GATHER_MS": "150",
    "UNCLEAR_MS": "1500",
    "WIDGET_ORIGINS": "",
    "WIDGET_KEY": "demo",
    "WHATSAPP_PHONE_NUMBER_ID": "104000000000001",
    "WHATSAPP_TOKEN": "graph-token",
    "WHATSAPP_APP_SECRET": "graph-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "graph-verify-token",
}


class Run:
    def __init__(self, stage: Stage, plan: Plan, folder: Path) -> None:
        self.stage, self.plan, self.folder = stage, plan, folder
        folder.mkdir(parents=True)
        self.journal = Journal()
        self.mischief = Mischief(stage, plan, self.journal)
        self.proxy = Proxy(stage, self.journal, self.mischief, plan.assistant)

    async def play(self) -> None:
        """Leaves the dump in the folder."""
        self.whatsapp = WhatsApp()
        self.hub = Hub(self.stage, self.folder, self.journal)
        async with contextlib.AsyncExitStack() as opened:
            self.database = await asyncio.to_thread(self._empty_database)
            opened.push_async_callback(asyncio.to_thread, self.database.drop)
            await self.proxy.start(free_port())
            opened.push_async_callback(self.proxy.stop)
            opened.callback(self._leave_stage)
            await opened.enter_async_context(Server(self.whatsapp))
            http = await opened.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
            self.proxy.hub_url = self.hub.url
            self.whatsapp.webhooks.url = f"{self.hub.url}/webhooks/whatsapp"
            places = {
                "DATABASE_URL": self.database.url,
                "RASA_URL": self.proxy.url,
                "WHATSAPP_API_URL": self.whatsapp.url,
            }
            opened.push_async_callback(self.hub.stop)
            await self.hub.start(SETTINGS | places)
            await self._play(http)

    def _leave_stage(self) -> None:
        self.stage.runs = {key: one for key, one in self.stage.runs.items() if one is not self.proxy}

    def _empty_database(self) -> Database:
        if self.plan.database == "postgresql":
            return self.stage.postgresql()
        path = self.folder / "live.db"
        self.stage.empty_database(path)
        return SQLite(path, self.hub.full_disk)

    async def _play(self, http: aiohttp.ClientSession) -> None:
        self.whatsapp.faults.mishap, self.whatsapp.faults.travel = self.mischief.sending, _travel(self.plan)
        plans = list(enumerate(self.plan.customers))
        self.widgets = {
            number: Widget(self.hub.url, http, self.journal, number, customer)
            for number, customer in plans
            if customer.channel == "web"
        }
        self.phones = {
            number: Phone(self.whatsapp, number, customer, self.plan.seed)
            for number, customer in plans
            if customer.channel == "whatsapp"
        }
        self.consoles = [Console(self.hub.url, http, self.journal, AGENTS[place][0]) for place in range(self._agents())]
        self.mischief.hub, self.mischief.player, self.mischief.database = self.hub, self.proxy, self.database
        self.people: list[Widget | Console] = [*self.widgets.values(), *self.consoles]
        self.mischief.consoles, self.mischief.people = self.consoles, self.people
        for one in self.people:
            one.on_acknowledged = self.mischief.acknowledged
        self.whatsapp.webhooks.on_taken = self.mischief.acknowledged
        living = [asyncio.create_task(one.live()) for one in self.people]
        doing = [self._write(number, customer) for number, customer in plans]
        doing += [self._move(console, moves) for console, moves in zip(self.consoles, self.plan.agents, strict=True)]
        try:
            await asyncio.gather(*doing, self.mischief.play())
            await self._rest()
            self._dump()
        finally:
            await self._go_home(living)

    async def _go_home(self, living: list[asyncio.Task[None]]) -> None:
        for one in self.people:
            one.over = True
            one.cut()
        await asyncio.wait(living, timeout=3)
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)

    def _agents(self) -> int:
        return len(self.plan.agents)

    async def _write(self, number: int, customer: Customer) -> None:
        began = time.monotonic()
        for step in customer.steps:
            await asyncio.sleep(max(0.0, began + step.at - time.monotonic()))
            (self.widgets.get(number) or self.phones[number]).do(step)

    async def _move(self, console: Console, moves: tuple[Move, ...]) -> None:
        began = time.monotonic()
        for move in moves:
            await asyncio.sleep(max(0.0, began + move.at - time.monotonic()))
            console.do(move)

    async def _rest(self) -> None:
        """Until nothing is under way any more, twice in a row, or the time is over; the audit sees what is left."""
        began, quiet = time.monotonic(), 0
        left: list[str] = []
        while quiet < 2 and time.monotonic() - began < REST_SECONDS:
            await asyncio.sleep(0.12)
            left = self._under_way()
            quiet = 0 if left else quiet + 1
        seconds = round(time.monotonic() - began, 2)
        self.journal.note("harness", "rested", seconds=seconds, left=left, hub_now=self.hub.now())

    def _under_way(self) -> list[str]:
        found = [one.who for one in self.people if one.outbox]
        if self.whatsapp.webhooks.under_way:
            found.append("webhooks")
        return found + (self._in_database() if self.hub.pid else ["hub"])

    def _in_database(self) -> list[str]:
        return dump.under_way(self.database.url, self.hub.now(), self._seen(), [one.seq for one in self.consoles])

    def _seen(self) -> dict[str, set[int]]:
        return {one.conversation_id: set(one.seen) for one in self.widgets.values() if one.conversation_id}

    def _dump(self) -> None:
        for console in self.consoles:
            self.journal.note(console.who, "shows", **console.shows())
        for line in self.whatsapp.journal:
            self.journal.lines.append({"who": "platform", **line})
        self.journal.lines.sort(key=lambda line: line["at"])
        dump.write(self.folder, self.plan, self.journal, self.database.url)


def _travel(plan: Plan):  # type: ignore[no-untyped-def]
    """Some webhooks come doubled, late and out of order; from a chance of their own."""
    chance = random.Random(f"webhooks-{plan.seed}")

    def travel(_kind: str) -> Travel:
        if chance.random() >= plan.webhooks:
            return Travel()
        return Travel(copies=chance.choice((1, 2, 3)), delay=chance.uniform(0, 0.4), gap=chance.uniform(0, 0.3))

    return travel
