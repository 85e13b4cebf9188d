"""Agents ask the assistant beside a conversation: a run of a skill on a tracker of its own, of which nobody else hears.

A run lives in this process and ends after `MOST_TURNS` or `LONGEST_MS`; its tracker is forgotten after the latter. What
the assistant is asked so never moves the breaker: customers' turns alone say how it is.
"""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from handoff_server.clock import now
from handoff_server.contract import VERSION
from handoff_server.conversations import Conversation
from handoff_server.limits import Limit
from handoff_server.rasa_client import RasaClient, TurnFailed
from handoff_server.refusal import Refusal
from handoff_server.sender import beside
from handoff_server.service import beside as service
from handoff_server.service.agent import Agent
from handoff_server.service.turns import typed
from handoff_server.store import Store
from handoff_server.transaction import new_id

MOST_TURNS = 12
LONGEST_MS = 10 * 60 * 1000
MOST_RUNS = 1_000
TURNS_A_MINUTE = 30  # of one agent
PROPOSALS, PROPOSAL_SECONDS = 2, 3  # at a time, and for how long: customers' own turns come first
SKILLS_MS = 60_000  # how long the list is remembered

Answer = dict[str, Any]


@dataclass
class Run:
    """`offered`: what the buttons of the last answer mean."""

    agent: Agent
    conversation_id: str
    language: str
    tracker: str
    ends_at: int
    seed: Answer | None  # until the first turn has taken it
    turns: int = 0
    offered: set[str] = field(default_factory=set)
    is_busy: bool = False


@dataclass(frozen=True)
class Said:
    """What the bot would say to a customer's words, and what it took them for."""

    text: str
    intent: str


class Beside:
    def __init__(self, store: Store, rasa: RasaClient, turn_deadline_ms: int) -> None:
        self._store = store
        self._rasa = rasa
        self._deadline_ms = turn_deadline_ms
        self._rate = Limit(TURNS_A_MINUTE, 60)
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._skills: list[Answer] = []
        self._skills_at = 0
        self._proposals = asyncio.Semaphore(PROPOSALS)

    async def skills(self) -> list[Answer]:
        """Name, title, needed slots, and whether it only tells. Refusal `assistant_down` when nobody knows."""
        if not self._skills or not 0 <= now() - self._skills_at < SKILLS_MS:
            found = await self._rasa.skills()
            if found is None and not self._skills:
                raise Refusal("assistant_down", "the assistant does not answer now; try again shortly", retry_after=5)
            self._skills, self._skills_at = found or self._skills, now()
        return self._skills

    async def ask(self, agent: Agent, conversation_id: str, run_id: str | None, what: Answer) -> Answer:
        """One turn of a run, `what`: {skill}, {text} or {button}. `run_id` None: a new one, with a skill or the agent's
        own words."""
        self._rate.take(agent.id)
        if run_id is None:
            run_id = await self._begin(agent, conversation_id, what.get("skill"))
        return {"run": run_id} | await self._go_on(agent, conversation_id, run_id, what)

    async def would_say(
        self, agent: Agent, conversation: Conversation, text: str, understanding: Answer | None
    ) -> Said | None:
        """The bot's answer, if it has one without asking anything: for skills that only tell. None otherwise."""
        understood = understanding or await self._rasa.understand(typed(text))
        intent = ((understood or {}).get("intent") or {}).get("name")
        if intent not in {one["name"] for one in await self.skills() if one["tells"]}:
            return None
        run_id = secrets.token_hex(8)
        await self._store.run(service.forget, conversation.id, run_id, PROPOSAL_SECONDS * 1000 + self._deadline_ms)
        run = _run(agent, conversation.id, run_id, service.seed(conversation, None))
        try:
            async with asyncio.timeout(PROPOSAL_SECONDS), self._proposals:
                response = await self._post(run, {"text": typed(text)})
        except (TurnFailed, TimeoutError):
            return None
        report, said = response["report"], response["messages"]
        asks = report["form"] is not None or any(one["buttons"] for one in said)
        if asks or report.get("failed") or report["intent"]["name"] != intent:
            return None
        told = "\n\n".join(one["text"] for one in said if one["text"])
        return Said(told, intent) if told else None

    async def _begin(self, agent: Agent, conversation_id: str, skill: str | None) -> str:
        if skill is not None and skill not in {one["name"] for one in await self.skills()}:
            raise Refusal("invalid_request", f"skill {skill[:40]!r} is none of the assistant's; ask for `skills`")
        run_id = secrets.token_hex(8)
        lasts_ms = LONGEST_MS + self._deadline_ms  # a last turn may begin just before the end
        seed = await self._store.run(service.begin, agent, conversation_id, skill, run_id, lasts_ms)
        self._runs[run_id] = _run(agent, conversation_id, run_id, seed)
        if len(self._runs) > MOST_RUNS:
            self._runs.popitem(last=False)
        return run_id

    async def _go_on(self, agent: Agent, conversation_id: str, run_id: str, what: Answer) -> Answer:
        run = self._under_way(agent, conversation_id, run_id)
        asked = _asked(run, what)
        await self._store.read(service.go_on, agent, conversation_id)
        if run.is_busy:
            raise Refusal(
                "rate_limited", f"the assistant still works on run {run_id}; wait for its answer", retry_after=1
            )
        run.is_busy = True
        try:
            return await self._turn(run, asked)
        except TurnFailed as failure:
            self._runs.pop(run_id, None)  # nobody knows how far it came
            raise Refusal("assistant_down", f"the assistant gave no answer ({failure.why[:60]}); start again") from None
        finally:
            run.is_busy = False

    async def _turn(self, run: Run, asked: Answer) -> Answer:
        run.offered = set()
        response = await self._post(run, asked)
        said = [{"text": one["text"], "buttons": one["buttons"]} for one in response["messages"]]
        run.offered = {button["payload"] for one in said for button in one["buttons"]}
        return {"messages": said, "done": response["report"]["form"] is None and not run.offered}

    async def _post(self, run: Run, asked: Answer) -> Answer:
        run.turns += 1
        request = {
            "version": VERSION,
            "sender": run.tracker,
            "turn_id": new_id("t"),
            "language": run.language,
            "source": service.source_of(run.agent),
            "deadline_ms": self._deadline_ms,
        }
        if run.seed is not None:
            request["seed"], run.seed = run.seed, None
        return await self._rasa.turn(request | asked)

    def _under_way(self, agent: Agent, conversation_id: str, run_id: str) -> Run:
        run = self._runs.get(run_id)
        theirs = run is not None and (run.agent.id, run.conversation_id) == (agent.id, conversation_id)
        if run is None or not theirs or run.turns >= MOST_TURNS or now() > run.ends_at:
            minutes = LONGEST_MS // 60_000
            raise Refusal(
                "stale_turn",
                f"run {run_id[:40]} is over ({MOST_TURNS} turns, {minutes} minutes); start the skill again",
            )
        return run


def _run(agent: Agent, conversation_id: str, run_id: str, seed: Answer) -> Run:
    tracker = beside(conversation_id, run_id)
    return Run(agent, conversation_id, seed["language"], tracker, now() + LONGEST_MS, seed)


def _asked(run: Run, what: Answer) -> Answer:
    """As the contract has it. A button means something only where it was offered."""
    if "skill" in what:
        return {"payload": f"/{what['skill']}"}
    if "text" in what:
        return {"text": typed(what["text"])}
    if what["button"] not in run.offered:
        raise Refusal("invalid_request", "that button was not offered in the last answer of this run; write instead")
    return {"payload": what["button"]}
