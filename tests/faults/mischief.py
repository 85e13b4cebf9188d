"""Does what the plan's faults say, at their time or at the request that they wait for."""

import asyncio
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import replace

from tests.fakes.faults import Mishap
from tests.faults.consoles import Console
from tests.faults.customers import Widget
from tests.faults.databases import Database
from tests.faults.hub import Hub
from tests.faults.journal import Journal
from tests.faults.plan import Fault, Plan
from tests.faults.proxy import Proxy
from tests.faults.stage import Stage

SENDS = {
    "send_429": Mishap(code=130429, retry_after=1),
    "send_pair_limit": Mishap(code=131056),
    "send_503": Mishap(code=131016, status=503, retry_after=1),
    "send_500": Mishap(code=131000),
    "send_500_though_taken": Mishap(status=500),
    "send_window_closed": Mishap(code=131047),
    "send_cut_before": Mishap(taken=False, broken=True),
    "send_acknowledgement_lost": Mishap(broken=True),
    "send_hangs": Mishap(taken=False, hangs=True),
    "send_hangs_though_taken": Mishap(hangs=True),
    "send_fails_later": Mishap(fails_later=131026),
    "kill_hub_before_the_platform_takes": Mishap(taken=False, broken=True),
    "kill_hub_after_the_platform_took": Mishap(broken=True),
}
DOWN_SECONDS = 0.05
NEWS_AFTER = (0.0, 1.3, 3.0)  # before and after UNCLEAR_MS


class Mischief:
    def __init__(self, stage: Stage, plan: Plan, journal: Journal) -> None:
        self._stage, self._plan, self._journal = stage, plan, journal
        self._waiting = [fault for fault in plan.faults if fault.point]
        self._passed: Counter[str] = Counter()
        self.player: Proxy | None = None
        self.hub: Hub | None = None
        self.database: Database | None = None
        self.consoles: list[Console] = []
        self.people: list[Widget | Console] = []

    # at a request

    def passing(self, point: str) -> Fault | None:
        """The fault that waits for this very request, if one does."""
        self._passed[point] += 1
        for fault in self._waiting:
            if fault.point == point and fault.nth == self._passed[point]:
                self._journal.note("harness", "fault", kind=fault.kind, nth=fault.nth)
                return fault
        return None

    def sending(self, _body: object) -> Mishap | None:
        """What happens to this send to the platform."""
        fault = self.passing("send")
        if fault is None:
            return None
        if fault.kind.startswith("kill_hub"):
            self.kill("hub")
        if fault.kind == "send_slow":
            return Mishap(seconds=fault.seconds)
        # The platform's news of it comes at once, or later than a hub that posted again would wait for.
        return replace(SENDS[fault.kind], news_after=NEWS_AFTER[fault.which % len(NEWS_AFTER)])

    def acknowledged(self) -> None:
        """The hub has just told somebody that something is safe."""
        if self.passing("acknowledgement"):
            self.kill("hub")

    def owns(self, conversation_id: str) -> None:
        """From now on what Rasa's side asks about this conversation comes to this run."""
        if self.player:
            self._stage.runs[conversation_id] = self.player

    def kill(self, name: str) -> None:
        if name == "hub":
            assert self.hub
            self.hub.kill(DOWN_SECONDS)
        elif self._plan.assistant == "real":
            self._journal.note("harness", "killed", name=name)
            self._stage.kill(name)

    async def take_over(self, conversation_id: str, fault: Fault) -> None:
        """An agent takes the conversation over before the bot's answer is passed on, or just as it is."""
        console = self.consoles[fault.which % len(self.consoles)]
        known = console.records["conversations"].get(conversation_id)
        if known is None or known["owner"] != "bot":
            return
        console.act("take_over", conversation_id, known["epoch"])
        if fault.which % 3:
            until = asyncio.get_running_loop().time() + 1
            while console.outbox and asyncio.get_running_loop().time() < until:
                await asyncio.sleep(0.01)

    # at a time

    async def play(self) -> None:
        """All timed faults; ends when the last is over."""
        await asyncio.gather(*(self._timed(fault) for fault in self._plan.faults if not fault.point))

    async def _timed(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at)
        self._journal.note("harness", "fault", kind=fault.kind, seconds=fault.seconds)
        await getattr(self, f"_{fault.kind}")(fault)

    async def _kill_hub(self, fault: Fault) -> None:
        assert self.hub
        self.hub.kill(fault.seconds)

    async def _end_hub(self, fault: Fault) -> None:
        assert self.hub
        self.hub.end(fault.seconds)

    async def _kill_actions(self, _fault: Fault) -> None:
        self.kill("actions")

    async def _kill_rasa(self, _fault: Fault) -> None:
        self.kill("rasa")

    async def _rasa_refuses(self, fault: Fault) -> None:
        assert self.player
        await self.player.refuse()
        await asyncio.sleep(fault.seconds)
        await self.player.accept()

    async def _lock_database(self, fault: Fault) -> None:
        assert self.database
        await self._while("database_locked", self.database.locked(), fault.seconds)

    _lock_database_long = _lock_database

    async def _database_trouble(self, fault: Fault) -> None:
        assert self.database
        await self._while("database_in_trouble", self.database.trouble(), fault.seconds)

    async def _while(self, what: str, trouble: AbstractContextManager[None], seconds: float) -> None:
        """In threads, since the database itself may make us wait, and nobody else shall."""
        await asyncio.to_thread(trouble.__enter__)
        self._journal.note("harness", what, seconds=seconds)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(trouble.__exit__, None, None, None)
        self._journal.note("harness", "over", trouble=what)

    async def _clock_forward(self, fault: Fault) -> None:
        assert self.hub
        self.hub.move_clock(fault.seconds)

    async def _clock_back(self, fault: Fault) -> None:
        assert self.hub
        self.hub.move_clock(-fault.seconds)

    async def _storm(self, fault: Fault) -> None:
        for _ in range(1 + fault.which % 3):
            for one in self.people:
                one.cut()
            await asyncio.sleep(0.05 + fault.more / 400)

    async def _stalled_console(self, fault: Fault) -> None:
        await self.consoles[fault.which % len(self.consoles)].stall(fault.seconds)
