"""The bot's jobs: a turn is begun, posted once, and finished or failed."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import sqlalchemy as sa
import structlog

from handoff_server import tables as t
from handoff_server.breaker import Breaker
from handoff_server.clock import now
from handoff_server.dispatcher import Later
from handoff_server.job import Job
from handoff_server.rasa_client import RasaClient, TurnFailed
from handoff_server.refusal import Refusal
from handoff_server.service import turns
from handoff_server.service.turns import Begun
from handoff_server.store import Store
from handoff_server.transaction import Tx

log = structlog.get_logger()
GIVE_UP_TIMES = 5
# Failures that tell of the assistant as a whole, not of one message.
_DOWN = ("late", "unreachable", "status:502", "status:503", "status:504")
FORGOTTEN_MS = 15_000
FORGET_AGAIN_S = 300
SWEEP_SECONDS = 5


class Assistant:
    def __init__(self, store: Store, rasa: RasaClient, turn_deadline_ms: int) -> None:
        self._store = store
        self._rasa = rasa
        self._deadline_ms = turn_deadline_ms
        self._breaker = Breaker()
        self._under_way: set[str] = set()
        self._told_state = self.state
        self.on_thinking: Callable[[Begun], Awaitable[None]] | None = None
        self.on_thought: Callable[[Begun], Awaitable[None]] | None = None
        self.on_state: Callable[[str], Awaitable[None]] | None = None
        self.on_turn: Callable[[float], None] | None = None  # is told how many seconds a turn took, or failed after

    @property
    def state(self) -> str:
        """ "down" while turns go straight to people."""
        return "down" if self._breaker.is_open else "up"

    async def turn(self, job: Job) -> None:
        begun: Begun | None = await self._store.run(turns.begin, job, self._deadline_ms)
        if begun is None:
            return
        self._under_way.add(begun.turn_id)
        try:
            await self._answer(begun)
        finally:
            self._under_way.discard(begun.turn_id)
            if self.on_thought:
                await self.on_thought(begun)
        await self._tell_state()

    async def forget(self, job: Job) -> None:
        """What the assistant remembers of an erased conversation goes too, as soon as it can be reached; of the stretch
        in which a message was taken back, as soon as the stretch is over; of what an agent asked, with the run.

        Waiting uses up the attempts that other jobs have, so that a store in trouble is waited for, too.
        """
        try:
            await self._forget(job)
        except TurnFailed as failure:
            raise Later(FORGET_AGAIN_S, failure.why) from None
        except Refusal as refusal:
            raise Later(FORGET_AGAIN_S, refusal.code) from None

    async def _forget(self, job: Job) -> None:
        conversation_id, stretch = job.payload["conversation_id"], job.payload.get("stretch")
        if stretch is not None and not await self._store.run(turns.leave_stretch, conversation_id, stretch):
            raise Later(FORGET_AGAIN_S, "stretch_under_way")
        if now() < job.payload.get("until", 0):
            raise Later(FORGET_AGAIN_S, "run_under_way")
        which = {name: job.payload[name] for name in ("stretch", "run") if name in job.payload}
        await self._rasa.forget(conversation_id, **which)
        await self._store.run(_forgotten, job.id)

    async def fail_interrupted(self) -> None:
        """At the start: the turns that the last process left under way."""
        if failed := await self._store.run(turns.interrupted):
            log.warning("turns.interrupted", count=failed)

    async def sweep(self) -> None:
        """Fails turns that nobody works on any more, however that came about. Runs until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._fail_forgotten()
            except Exception:  # the store is in trouble; the next round may find it well
                log.exception("turns.not_swept")

    async def _fail_forgotten(self) -> None:
        before = now() - self._deadline_ms - FORGOTTEN_MS
        for turn_id in await self._store.read(_posted_before, before):
            if turn_id not in self._under_way:
                await self._store.run(turns.fail, turn_id, "forgotten")

    async def _answer(self, begun: Begun) -> None:
        if not self._breaker.lets_pass(now()):
            await self._give_up(begun.turn_id, "assistant_down")
            return
        try:
            await self._show_thinking(begun)
            response = await self._ask(begun)
            self._breaker.succeeded()
            await self._store.run(turns.finish, begun.turn_id, response)
        except TurnFailed as failure:
            log.warning("turn.failed", turn=begun.turn_id, why=failure.why)
            if failure.why.startswith(_DOWN):
                self._breaker.failed(begun.conversation.id)
            await self._give_up(begun.turn_id, failure.why[:200])
        except Exception as error:
            log.exception("turn.not_finished", turn=begun.turn_id)
            await self._give_up(begun.turn_id, f"not_finished:{type(error).__name__}")

    async def _ask(self, begun: Begun) -> dict[str, Any]:
        asked = perf_counter()
        try:
            return await self._rasa.turn(begun.request)
        finally:
            if self.on_turn:
                self.on_turn(perf_counter() - asked)

    async def _tell_state(self) -> None:
        if self.on_state and self.state != self._told_state:
            self._told_state = self.state
            await self.on_state(self.state)

    async def _show_thinking(self, begun: Begun) -> None:
        try:
            if self.on_thinking:
                await self.on_thinking(begun)
        except Exception:  # a sign less is no reason to leave the customer without the answer
            log.exception("turn.no_sign", turn=begun.turn_id)

    async def _give_up(self, turn_id: str, why: str) -> None:
        """The customer must hear of it: tried again while the store is in trouble. A sweep finds what is left."""
        for attempt in range(1, GIVE_UP_TIMES + 1):
            try:
                await self._store.run(turns.fail, turn_id, why)
                return
            except Exception:
                log.exception("turn.not_failed", turn=turn_id, attempt=attempt)
                await asyncio.sleep(attempt * attempt)


def _forgotten(tx: Tx, job_id: int) -> None:
    tx.finish_job(job_id)


def _text(connection: sa.Connection, message_id: int) -> str | None:
    return connection.scalar(sa.select(t.messages.c.text).where(t.messages.c.id == message_id))


def _posted_before(connection: sa.Connection, at: int) -> list[str]:
    u = t.turns.c
    return list(connection.scalars(sa.select(u.id).where(u.state == "posted", u.posted_at < at)))
