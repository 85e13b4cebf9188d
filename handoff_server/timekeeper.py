"""What happens because time has passed. The time is a column of a row; once a second this looks which rows are due.

A change looks again whether its row is. So several hubs on one database do no harm, and a restart loses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic

import sqlalchemy as sa
import structlog

from handoff_server import people
from handoff_server.clock import Clock, now
from handoff_server.refusal import Refusal
from handoff_server.service import attachments, callbacks, cases, desk, presence, queue
from handoff_server.store import Store
from handoff_server.teams import Policy
from handoff_server.teams_file import TeamsFile
from handoff_server.transaction import Tx

log = structlog.get_logger()
ROUND_SECONDS = 1
FILE_SECONDS = 5
BATCH = 100
PUT_OFF_SECONDS = 30  # a row whose change fails must not keep the others from their turn


@dataclass(frozen=True)
class Kind:
    """`due`: the ids of rows that are due, not too many at once; `look`: the change that looks after one of them."""

    name: str
    due: Callable[[sa.Connection, int, Policy], Sequence[str]]
    look: Callable[[Tx, str], object]


# In this order: what may come into the queue, or free somebody, before the queue itself.
KINDS = (
    Kind("silent_console", presence.silent, presence.note_silent),
    Kind("gone_agent", presence.gone, presence.give_back),
    Kind("day", presence.days, presence.begin_day),
    Kind("snoozed", desk.asleep, desk.wake_if_due),
    Kind("callback", callbacks.due, callbacks.join_queue_if_due),
    Kind("handoff", queue.due, queue.look),
    Kind("silent_case", cases.silent, cases.close_silent),
    Kind("unsent_file", attachments.unsent, attachments.forget),
)


class Timekeeper:
    def __init__(self, store: Store, teams: TeamsFile | None = None, clock: Clock = now) -> None:
        self._store = store
        self._teams = teams
        self._clock = clock
        self.on_teams: Callable[[], Awaitable[None]] | None = None  # whenever another policy may be in force
        self._counts = False  # the policy in force, for what waits already
        self._put_off: dict[tuple[str, str], float] = {}  # until when, by kind and row

    async def work(self) -> None:
        """Until cancelled."""
        while True:
            await self._safely(self.round)
            await asyncio.sleep(ROUND_SECONDS)

    async def follow_teams(self) -> None:
        """Has a policy that is new since the last process, or since the file was changed, count for what waits already.
        Until cancelled."""
        while True:
            await self.look_at_teams()
            await asyncio.sleep(FILE_SECONDS)

    async def look_at_teams(self) -> None:
        if self._teams is not None and await asyncio.to_thread(self._teams.look):
            self._counts = False
        self._counts = self._counts or await self._safely(self.renew)
        if self.on_teams:
            await self._safely(self.on_teams)

    async def round(self) -> None:
        """Looks after all that is due now."""
        for kind in KINDS:
            found = await self._store.read(kind.due, self._clock(), self._store.policy())
            await asyncio.gather(*(self._look(kind, one) for one in found if not self._is_put_off(kind, one)))

    async def renew(self) -> None:
        """Another policy is in force, perhaps: what is due is worked out anew, and teams that nobody is in are told."""
        handoffs = await self._store.read(queue.open_ones)
        for first in range(0, len(handoffs), BATCH):
            await self._store.run(queue.renew, handoffs[first : first + BATCH])
        for team in await self._store.read(people.empty_teams, self._store.policy()):
            log.warning("team.without_members", team=team, remedy="put somebody into it, or take it out of teams.yml")

    async def _look(self, kind: Kind, row: str) -> None:
        try:
            await self._store.run(kind.look, row)
        except Exception as error:
            log.exception("timekeeper.failed", kind=kind.name, row=row)
            if not (isinstance(error, Refusal) and error.code == "overloaded"):  # that is the store's trouble
                self._put_off[kind.name, row] = monotonic() + PUT_OFF_SECONDS

    def _is_put_off(self, kind: Kind, row: str) -> bool:
        self._put_off = {key: until for key, until in self._put_off.items() if until > monotonic()}
        return (kind.name, row) in self._put_off

    async def _safely(self, work: Callable[[], Awaitable[None]]) -> bool:
        try:
            await work()
        except Exception:  # the store is in trouble; the next round may find it well
            log.exception("timekeeper.no_round")
            return False
        return True
