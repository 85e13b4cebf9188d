"""A month of made-up customers, written through the hub's own changes with a clock that jumps.

Whatever the hub would have written when they came is there: messages, turns, cases, handoffs, surveys, events. Nothing
stays open. For demonstrations and for tests; it does not belong where real customers are.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import batched
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.contract import VERSION
from handoff_server.demo_guests import DAY, MINUTE, SILENT_MS, Guest, Help, Visit
from handoff_server.hours import ALWAYS
from handoff_server.job import Job
from handoff_server.service import (
    accounts,
    cases,
    desk,
    handoffs,
    intake,
    leaving,
    queue,
    replies,
    sends,
    surveys,
    turns,
)
from handoff_server.service.agent import Agent
from handoff_server.service.wrap_up import wrap_up
from handoff_server.store import Store
from handoff_server.teams import Policy, Promise, Team
from handoff_server.transaction import Tx

PEOPLE = ("Ana Torres", "Beto Núñez", "Carla Ríos", "Diego Paz", "Elena Soto", "Fabio Cruz")
EMAIL = "month{number}@demo.example"
BATCH = 60  # steps in one commit
DEADLINE_MS = 8_000
SECOND = 1_000
_SAYS = {
    "es": ("Hola, necesito ayuda con mi pedido", "Claro, aquí está lo que encontré.", "sí, gracias"),
    "en": ("Hi, I need help with my order", "Sure, here is what I found.", "yes, thanks"),
}
_REPLIES = {
    "es": ("Hola, soy {name}. Ya lo reviso.", "Listo, quedó arreglado."),
    "en": ("Hi, this is {name}. Let me check.", "Done, it is fixed."),
}
Step = tuple[int, Callable[[Tx], object]]


def month_policy(policy: Policy) -> Policy:
    """The company's, as it would be with people always there, who are asked after each matter."""
    teams = {name: _always(policy, name) for name in ("care", "payments", "sales")}
    survey = replace(policy.survey, after=("human", "bot"), pause_ms=0)
    return replace(
        policy,
        default_team="care",
        teams=teams,
        promises={"normal": Promise(first_reply_ms=2 * MINUTE, resolution_ms=15 * MINUTE)},
        news_ms=(),
        nobody_online="wait",
        case_silent_ms=SILENT_MS,
        case_reopen_ms=3 * DAY,
        survey=survey,
    )


def _always(policy: Policy, name: str) -> Team:
    known = policy.teams.get(name) or Team(id=name, name={"es": name, "en": name})
    return replace(known, hours=ALWAYS, mode="pull", when_closed=None, wrap_up_ms=MINUTE)


@dataclass
class Month:
    """Writes guests into the database at `url`."""

    url: str
    policy: Policy
    at: int = 0
    people: list[Agent] = field(default_factory=list)
    ids: dict[int, str] = field(default_factory=dict)  # guest → conversation

    async def write(self, guests: Iterable[Guest], until: int) -> int:
        """Those guests whose matters are over by `until`; how many they are. The hub must not run meanwhile: it would
        take what waits in the past for late."""
        lives = [steps for steps in (list(self._steps(guest)) for guest in guests) if steps[-1][0] <= until]
        steps = sorted((step for life in lives for step in life), key=lambda step: step[0])
        policy = month_policy(self.policy)
        store = Store(self.url, lambda: self.at, lambda: policy)
        await store.start()
        try:
            self.at = steps[0][0] if steps else until
            for number, name in enumerate(PEOPLE, start=1):
                email = EMAIL.format(number=number)
                self.people.append(await store.run(accounts.create_agent, email, name, "agent", None))
            for some in batched(steps, BATCH, strict=False):
                self.at = some[-1][0]
                await store.run(_carry_out, some)
        finally:
            await store.stop()
        return len(lives)

    # what a guest does, and what is done for one

    def _steps(self, guest: Guest) -> Iterator[Step]:
        yield guest.visits[0].at, partial(self._meet, guest)
        for number, visit in enumerate(guest.visits):
            yield from self._visit(guest, visit, f"{guest.number}.{number}")

    def _visit(self, guest: Guest, visit: Visit, key: str) -> Iterator[Step]:
        words, answer, thanks = _SAYS[guest.language]
        intent = {"name": visit.matter, "confidence": 0.93}
        yield visit.at, partial(self._says, guest, f"{key}a", words)
        at = visit.at + visit.answered_ms
        yield at, partial(self._bot, guest, answer, intent=intent)
        if visit.help:
            yield from self._helped(guest, visit, visit.help, at + visit.help.asked_ms, key)
        elif visit.ends == "silent":
            yield at + SILENT_MS, lambda tx: cases.close_silent(tx, self.ids[guest.number])
        else:
            yield from self._confirms(guest, visit, at + visit.ended_ms, thanks, key)

    def _confirms(self, guest: Guest, visit: Visit, at: int, thanks: str, key: str) -> Iterator[Step]:
        yield at - SECOND, partial(self._says, guest, f"{key}z", thanks)
        yield at, partial(self._bot, guest, "¡Qué bueno!", intent={"name": "affirm", "confidence": 0.99}, case="solved")
        yield from self._judges(guest, visit, at, key)

    def _helped(self, guest: Guest, visit: Visit, help: Help, at: int, key: str) -> Iterator[Step]:
        first, second = help.agent, help.second if help.passed else help.agent
        yield at - SECOND, partial(self._says, guest, f"{key}h", "…")
        yield at, partial(self._request, guest, help)
        if help.taken_ms is None:
            yield at + help.left_ms, partial(self._leaves, guest)
            return
        taken = at + help.taken_ms
        yield taken, partial(self._by, first, guest, desk.claim)
        if help.passed == "released":
            taken += MINUTE
            yield taken - SECOND, partial(self._by, first, guest, desk.release)
            yield taken, partial(self._by, second, guest, desk.claim)
        replied = taken + help.replied_ms
        replier = second if help.passed == "released" else first
        yield replied, partial(self._replies, replier, guest, f"{key}r", 0)
        if help.passed == "transferred":
            yield replied + SECOND, partial(self._by, first, guest, desk.transfer, "…", None, "payments")
            replied += MINUTE
            yield replied, partial(self._by, second, guest, desk.claim)
        ended = replied + help.ended_ms
        yield ended - SECOND, partial(self._replies, second, guest, f"{key}e", 1)
        if visit.ends == "returned":
            yield ended, partial(self._by, second, guest, desk.return_to_bot, "…")
            yield from self._confirms(guest, visit, ended + MINUTE, _SAYS[guest.language][2], key)
            return
        yield ended, partial(self._by, second, guest, desk.resolve, "solved", None)
        yield ended + help.wrapped_ms, partial(self._wraps_up, second, guest, help)
        yield from self._judges(guest, visit, ended, key)

    def _judges(self, guest: Guest, visit: Visit, at: int, key: str) -> Iterator[Step]:
        """Within a minute or so the customer is asked, and answers or does not."""
        if not visit.judged:
            return
        yield at + SECOND, partial(self._bot, guest, "¿Cómo te atendimos, de 1 a 5?")
        for count, (name, value) in enumerate((("csat", visit.csat), ("nps", visit.nps)), start=1):
            if value is not None:
                yield at + count * MINUTE, partial(self._says, guest, f"{key}{name}", str(value))
                yield at + count * MINUTE + SECOND, partial(self._answers, guest, name, value)

    # steps

    def _meet(self, guest: Guest, tx: Tx) -> None:
        contact = f"5730{guest.number:08}" if guest.channel == "whatsapp" else None
        met = intake.open_conversation(tx, guest.channel, "demo", guest.language, contact, guest.name)
        self.ids[guest.number] = met.id

    def _says(self, guest: Guest, key: str, words: str, tx: Tx) -> None:
        conversation_id = self.ids[guest.number]
        intake.receive(tx, intake.IncomingMessage(conversation_id, f"{conversation_id}:{key}", words))

    def _bot(self, guest: Guest, words: str, tx: Tx, **report: Any) -> None:
        begun = self._turn(guest, tx)
        turns.finish(tx, begun.turn_id, _response(begun, [words], **report))

    def _turn(self, guest: Guest, tx: Tx) -> turns.Begun:
        j = t.jobs.c
        mine = sa.select(t.jobs).where(j.lane == self.ids[guest.number], j.kind == "bot_turn").order_by(j.id).limit(1)
        row = tx.connection.execute(mine).one()
        job = Job(row.id, row.kind, row.lane, row.payload, row.run_at, row.attempts)
        begun = turns.begin(tx, job, DEADLINE_MS)
        assert begun, f"guest {guest.number} said nothing that the bot could answer"  # noqa: S101
        return begun

    def _request(self, guest: Guest, help: Help, tx: Tx) -> None:
        begun = self._turn(guest, tx)
        routing = {"priority": "normal", "team": help.team, "skill": None}
        evidence = {"rule": help.rule, "rule_version": "1", "values": {}, "text": "…", "routing": routing}
        tracker = {"events": [], "slots": {}, "intents": [], "truncated": False}
        asked = {"version": VERSION, "sender": begun.request["sender"], "turn_id": begun.turn_id, "tracker": tracker}
        body = asked | {"reason": help.reason, "evidence": evidence, "rules_version": "1", "action": "action_handoff"}
        handoffs.request(tx, body)
        turns.finish(tx, begun.turn_id, _response(begun, []))

    def _leaves(self, guest: Guest, tx: Tx) -> None:
        leaving.choose(tx, tx.conversation(self.ids[guest.number]), "leave")

    def _by(self, agent: int, guest: Guest, change: Callable[..., object], *more: Any) -> None:
        """`more` ends with the transaction."""
        *arguments, tx = more
        conversation = tx.conversation(self.ids[guest.number])
        change(tx, self.people[agent], conversation.id, conversation.epoch, *arguments)

    def _replies(self, agent: int, guest: Guest, key: str, which: int, tx: Tx) -> None:
        who, conversation = self.people[agent], tx.conversation(self.ids[guest.number])
        words = _REPLIES[guest.language][which].format(name=who.name.split()[0])
        replies.reply(tx, who, conversation.id, conversation.epoch, key, words, False)

    def _wraps_up(self, agent: int, guest: Guest, help: Help, tx: Tx) -> None:
        handoff_id = tx.conversation(self.ids[guest.number]).handoff_id or ""
        wrap_up(tx, self.people[agent], handoff_id, verdict=help.verdict, asked_again=help.asked_again)

    def _answers(self, guest: Guest, name: str, value: int, tx: Tx) -> None:
        begun = self._turn(guest, tx)
        body = {"sender": begun.request["sender"], "turn_id": begun.turn_id, "survey_id": None, name: value}
        surveys.answer(tx, body)
        turns.finish(tx, begun.turn_id, _response(begun, ["…"], skill={"name": "survey", "outcome": "ok"}))


def _carry_out(tx: Tx, steps: tuple[Step, ...]) -> None:
    """Each at its own time, and before it what has fallen due; with it what leaves for a platform."""
    for at, step in steps:
        asked = len(tx.jobs)
        while due := queue.due(tx.connection, at, tx.policy):
            tx.at = tx.handoff(due[0]).look_at or at
            queue.look(tx, due[0])
        tx.at = at
        step(tx)
        for job in [one for one in tx.jobs[asked:] if one.kind == "send"]:
            message_id = job.payload["message_id"]
            if isinstance(sends.begin(tx, job.id, message_id), sends.Outgoing):
                sends.sent(tx, job.id, message_id, f"demo:{message_id}")
    tx.jobs.clear()  # nobody of this process takes them up


def _response(begun: turns.Begun, words: list[str], **report: Any) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [
        {"text": text, "buttons": [], "image": None, "response": "utter_demo"} for text in words
    ]
    about = {
        "turn_id": begun.turn_id,
        "intent": {"name": "nlu_fallback", "confidence": 0.5},
        "intent_ranking": [],
        "entities": [],
        "sentiment": None,
        "language": begun.request["language"],
        "decision": {"action": "none", "reason": None, "evidence": None, "rules_version": "1"},
        "skill": None,
        "slots": {},
        "form": None,
    }
    return {"version": VERSION, "turn_id": begun.turn_id, "messages": messages, "report": about | report}
