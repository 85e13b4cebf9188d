"""An office in any order of events: people come, go, fall silent, take, decline and put aside; customers come, write
and leave; teams close, the hub dies, clocks run. After every step the laws of the queue hold, against slow references.

HYPOTHESIS_PROFILE=long looks further.
"""

import asyncio
from collections import Counter
from functools import partial
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from handoff_server import tables as t
from handoff_server.hours import Hours, Span
from handoff_server.job import jobs_left
from handoff_server.people import ONLINE_MS
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, desk, handoffs, intake, offers, presence, replies, roster, turns
from handoff_server.service.agent import Agent
from handoff_server.store import Store, open_engine
from handoff_server.teams import Policy, Promise, Team
from handoff_server.timekeeper import Timekeeper

NAME = {"es": "Equipo", "en": "Team"}
START = 1_795_000_000_000 - 1_795_000_000_000 % 86_400_000 + 9 * 3_600_000  # at nine in the morning, UTC
DAY = Hours("UTC", ((Span(8 * 60, 12 * 60), Span(13 * 60, 18 * 60)),) * 7)
POLICY = Policy(
    default_team="care",
    teams={
        "care": Team(id="care", name=NAME, mode="push", offer_ms=30_000, wrap_up_ms=20_000),
        "pay": Team(
            id="pay", name=NAME, mode="push", offer_ms=20_000, hours=DAY, when_closed="care", last_agent_first=True
        ),
        "shop": Team(id="shop", name=NAME, hours=DAY),
    },
    skills=("fraud",),
    promises={
        "urgent": Promise(20_000, 40_000, 600_000),
        "high": Promise(60_000, 90_000, 1_200_000),
        "normal": Promise(90_000, 120_000, 3_600_000),
        "low": Promise(first_reply_ms=300_000),
    },
    news_ms=(60_000, 120_000),
    nobody_online="callback",
    at_closing="callback",
    agent_gone_ms=60_000,
    hard=("sensitive_topic",),
    case_silent_ms=6 * 3_600_000,
)
pick = st.integers(0, 5)


class Office(RuleBasedStateMachine):
    def __init__(self, database: str) -> None:
        super().__init__()
        self.at, self.database, self.count = START, database, 0
        self.engine = open_engine(database)
        with self.engine.begin() as connection:
            for table in reversed(t.metadata.sorted_tables):
                connection.execute(table.delete())
        self.loop = asyncio.new_event_loop()
        self._open()
        self.consoles: dict[str, bool] = {}  # agent → whether the console beats
        self.offers: set[tuple[str, int]] = set()  # that were there at the last look
        names = (("marta", "agent"), ("jorge", "agent"), ("noe", "agent"), ("lucia", "supervisor"))
        self.agents = [self.run(accounts.create_agent, f"{name}@x.example", name, role, None) for name, role in names]
        lucia = self.agents[3]
        self.run(roster.edit, lucia, self.agents[0].id, 2, [], ["fraud"], ["es"])
        self.run(roster.edit, lucia, self.agents[1].id, 1, ["care", "pay"], [], [])
        self.run(roster.edit, lucia, self.agents[2].id, 2, ["pay"], [], ["es"])
        self.run(roster.edit, lucia, lucia.id, 0, ["care", "pay", "shop"], [], [])
        for agent in self.agents:
            self.comes(agent)

    def teardown(self) -> None:
        self.loop.run_until_complete(self.store.stop())
        self.loop.close()
        self.engine.dispose()

    # how it is done

    def _open(self) -> None:
        self.store = Store(self.database, lambda: self.at, lambda: POLICY)
        self.timekeeper = Timekeeper(self.store, None, lambda: self.at)
        self.loop.run_until_complete(self.store.start())

    def run(self, change: Any, *arguments: Any) -> Any:
        """What the change answered; None if it was refused."""
        try:
            return self.loop.run_until_complete(self.store.run(change, *arguments))
        except Refusal:
            return None

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(query).mappings())

    def look(self) -> None:
        self.loop.run_until_complete(self.timekeeper.round())
        self._new_offers_are_right(in_order=False)
        self._laws_of_time()

    def comes(self, agent: Agent) -> None:
        self.consoles[agent.id] = True
        self.run(accounts.connected, agent, True)

    def handoffs(self, *statuses: str) -> list[Any]:
        h = t.handoffs.c
        return self.rows(sa.select(t.handoffs).where(h.status.in_(statuses)).order_by(h.requested_at, h.id))

    def conversation(self, conversation_id: str) -> Any:
        return self.rows(sa.select(t.conversations).where(t.conversations.c.id == conversation_id))[0]

    def agent(self, which: int) -> Agent:
        found: Agent = self.agents[which % len(self.agents)]
        return found

    def name(self) -> str:
        self.count += 1
        return f"m{self.count}"

    # customers

    @rule(
        rules_say=st.sampled_from(
            (
                ("customer_request", "normal", None, None),
                ("customer_request", "low", "shop", None),
                ("sensitive_topic", "urgent", "pay", "fraud"),
                ("sensitive_topic", "high", "gone", None),
                ("negative_sentiment", "high", None, None),
                ("complex_request", "normal", "pay", None),
            )
        ),
        language=st.sampled_from(("es", "en")),
    )
    def the_assistant_asks_for_a_person(self, rules_say: tuple[Any, ...], language: str) -> None:
        conversation_id = self.run(accounts.open_widget_session, "demo", language)["conversation_id"]
        self.run(intake.receive, intake.IncomingMessage(conversation_id, self.name(), "mi pedido"))
        with self.engine.connect() as connection:
            job = next(one for one in jobs_left(connection) if one.lane == conversation_id)
        begun = self.run(turns.begin, job, 8000)
        reason, priority, team, skill = rules_say
        routing = {"priority": priority, "team": team, "skill": skill}
        evidence = {"rule": "r", "rule_version": "1", "values": {}, "text": None, "routing": routing}
        body = {"version": 1, "action": "action_handoff", "reason": reason, "evidence": evidence, "language": language}
        body |= {"sender": begun.request["sender"], "turn_id": begun.turn_id, "rules_version": "1"}
        body |= {"tracker": {"events": [], "slots": {}, "intents": [], "truncated": False}}
        answer = self.run(handoffs.request, body)
        assert answer, "it was refused"

    @rule(which=pick)
    def a_customer_who_waits_writes(self, which: int) -> None:
        if mine := self.handoffs("queued", "assigned"):
            one = mine[which % len(mine)]
            self.run(intake.receive, intake.IncomingMessage(one["conversation_id"], self.name(), "¿y?"))

    @rule(which=pick, word=st.sampled_from(("bot", "más tarde", "salir")))
    def a_customer_who_waits_wants_something_else(self, which: int, word: str) -> None:
        if mine := self.handoffs("queued"):
            one = mine[which % len(mine)]
            self.run(intake.receive, intake.IncomingMessage(one["conversation_id"], self.name(), word))

    # people

    @rule(which=pick)
    def somebody_takes_what_is_offered(self, which: int) -> None:
        offered = [one for one in self.handoffs("queued") if one["offered_to"]]
        if offered:
            one = offered[which % len(offered)]
            agent = next(agent for agent in self.agents if agent.id == one["offered_to"])
            taken = self.run(
                desk.claim, agent, one["conversation_id"], self.conversation(one["conversation_id"])["epoch"]
            )
            assert taken, "what is offered can be taken"

    @rule(which=pick)
    def somebody_declines(self, which: int) -> None:
        offered = [one for one in self.handoffs("queued") if one["offered_to"]]
        if offered:
            one = offered[which % len(offered)]
            agent = next(agent for agent in self.agents if agent.id == one["offered_to"])
            self.run(offers.decline, agent, one["conversation_id"])

    @rule(who=pick, which=pick)
    def somebody_claims_what_waits(self, who: int, which: int) -> None:
        if mine := self.handoffs("queued"):
            one, agent = mine[which % len(mine)], self.agent(who)
            taken = self.run(
                desk.claim, agent, one["conversation_id"], self.conversation(one["conversation_id"])["epoch"]
            )
            elsewhere = one["offered_to"] not in (None, agent.id) and agent.role == "agent"
            assert bool(taken) != elsewhere

    @rule(which=pick, how=st.sampled_from(("reply", "resolve", "return", "release", "snooze", "wake", "transfer")))
    def somebody_works(self, which: int, how: str) -> None:
        mine = self.handoffs("assigned")
        if not mine:
            return
        one = mine[which % len(mine)]
        agent = next(agent for agent in self.agents if agent.id == one["assignee_id"])
        where = (agent, one["conversation_id"], self.conversation(one["conversation_id"])["epoch"])
        calls: dict[str, tuple[Any, ...]] = {
            "reply": (replies.reply, *where, self.name(), "Ya lo veo", False),
            "resolve": (desk.resolve, *where, "solved", None),
            "return": (desk.return_to_bot, *where, "Sigue tú"),
            "release": (desk.release, *where),
            "snooze": (desk.snooze, *where, self.at + 50_000),
            "wake": (desk.wake_early, *where),
            "transfer": (desk.transfer, *where, "Mejor ustedes", None, "pay"),
        }
        self.run(*calls[how])

    @rule(who=pick, what=st.sampled_from(("away", "online", "goes", "comes", "falls silent")))
    def somebody_comes_or_goes(self, who: int, what: str) -> None:
        agent = self.agent(who)
        if what in ("away", "online"):
            self.run(accounts.set_presence, agent, what)
        elif what == "goes" and agent.id in self.consoles:
            del self.consoles[agent.id]
            self.run(accounts.connected, agent, False)
        elif what == "comes":
            self.comes(agent)
        elif what == "falls silent" and agent.id in self.consoles:
            self.consoles[agent.id] = False

    @rule(who=pick, capacity=st.integers(0, 3))
    def a_supervisor_edits(self, who: int, capacity: int) -> None:
        agent = self.agent(who)
        row = self.rows(sa.select(t.agents).where(t.agents.c.id == agent.id))[0]
        self.run(roster.edit, self.agents[3], agent.id, capacity, row["teams"], row["skills"], row["languages"])

    # time and death

    @rule(ms=st.sampled_from((1_000, 10_000, 20_000, 31_000, 44_000)))
    def time_passes(self, ms: int) -> None:
        self._passes(ms)

    @rule()
    def it_is_a_long_while(self) -> None:
        """Past the lunch of the office, without a look in between: the hub was busy, or down."""
        self.at += 3 * 3_600_000
        self._beat()
        self.look()

    @rule()
    def the_hub_dies(self) -> None:
        self.loop.run_until_complete(self.store.stop())
        self._open()
        self.run(accounts.nobody_connected)
        self.loop.run_until_complete(self.timekeeper.renew())
        back = [agent for agent in self.agents if self.consoles.get(agent.id)]
        self.consoles.clear()
        for agent in back:
            self.comes(agent)
        self.look()

    def _passes(self, ms: int) -> None:
        while ms > 0:
            step = min(ms, 10_000)
            self.at += step
            ms -= step
            self._beat()
            self.look()

    def _beat(self) -> None:
        self.run(presence.heartbeat, [agent_id for agent_id, beats in self.consoles.items() if beats])

    # the laws

    @invariant()
    def offers_are_one_for_each_and_made_to_who_may_have_them(self) -> None:
        waiting = [one for one in self.handoffs("queued") if one["offered_to"]]
        assert max(Counter(one["offered_to"] for one in waiting).values(), default=0) <= 1
        people = {row["id"]: row for row in self.rows(sa.select(t.agents))}
        for one in waiting:
            assert people[one["offered_to"]]["presence"] == "online" and people[one["offered_to"]]["seen_at"]
            assert one["offered_to"] not in one["passed"]
        self._new_offers_are_right(in_order=True)

    @invariant()
    def nobody_fitting_is_left_unasked(self) -> None:
        online = self._online()
        free = self._free(online)
        for one in self.handoffs("queued"):
            if POLICY.teams[one["team"]].mode == "push" and not one["offered_to"]:
                left = [row for row in self._able(one, online) if row in free and row["id"] not in one["passed"]]
                assert not left, f"{one['id']} could be offered to {[row['name'] for row in left]}"

    def _new_offers_are_right(self, in_order: bool) -> None:
        """Looked at as soon as they are made: capacities are edited and conversations wake under old ones."""
        online, queued = self._online(), self.handoffs("queued")
        offered = {(one["id"], one["offered_until"]): one for one in queued if one["offered_to"]}
        new = [one for key, one in offered.items() if key not in self.offers]
        self.offers = set(offered)
        for one in new:
            person = next(row for row in online if row["id"] == one["offered_to"])
            assert self._load(person["id"]) < person["capacity"], "more than fits"
            assert person in self._able(one, online), "not for this one, or the third hard one in a row"
            ahead = [other for other in queued if _rank(other) < _rank(one)] if in_order and len(new) == 1 else []
            for other in ahead:
                starved = not other["offered_to"] and person["id"] not in other["passed"]
                pushes = POLICY.teams[other["team"]].mode == "push"
                assert not (starved and pushes and person in self._able(other, online)), "out of its turn"

    def _laws_of_time(self) -> None:
        """What holds as soon as the timekeeper has looked."""
        h = t.handoffs.c
        assert self.rows(sa.select(t.handoffs).where(h.look_at <= self.at)) == [], "still due"
        for one in self.handoffs("queued"):
            assert POLICY.teams[one["team"]].hours.is_open(self.at), "everybody has gone home"
        gone = [row["id"] for row in self.rows(sa.select(t.agents)) if (row["gone_at"] or self.at) <= self.at - 60_000]
        assert gone == []
        for agent in self.agents:
            assert self._connected(agent.id) or not self._held_for_long(agent.id), "nobody looks after it"
        self._promises_are_told()

    def _promises_are_told(self) -> None:
        e = t.events.c
        states = ("handoff.warned", "handoff.broken")
        told: Counter[tuple[str, str, str, int]] = Counter()
        for event in self.rows(sa.select(t.events).where(e.name.in_(states))):
            data = event["data"]
            told[event["handoff_id"], data["promise"], event["name"], data["due_at"]] += 1
            assert event["name"] == "handoff.warned" or event["at"] >= data["due_at"], "too soon"
        assert max(told.values(), default=1) == 1, f"told twice: {told.most_common(1)}"
        for one in self.handoffs("queued", "assigned"):
            for name, since, ms in _promised(one):
                kept = one["promised"].get(name) or {}
                broken = kept.get("since") == since and kept.get("state") == "broken"
                due_at = _after(one["team"], since, ms)
                assert broken or self.at < due_at, f"{name} of {one['id']} is broken and nobody knows"
                assert not broken or any(key[:3] == (one["id"], name, "handoff.broken") for key in told)

    # slow references

    def _online(self) -> list[Any]:
        rows = self.rows(sa.select(t.agents))
        return [row for row in rows if row["presence"] == "online" and self._is_fresh(row)]

    def _is_fresh(self, row: Any) -> bool:
        return row["seen_at"] is not None and row["seen_at"] > self.at - ONLINE_MS

    def _free(self, online: list[Any]) -> list[Any]:
        asked = {one["offered_to"] for one in self.handoffs("queued")}
        return [row for row in online if row["id"] not in asked and self._load(row["id"]) < row["capacity"]]

    def _able(self, one: Any, online: list[Any]) -> list[Any]:
        team = [row for row in online if one["team"] in (row["teams"] or ["care"]) and row["capacity"]]
        able = [row for row in team if not row["languages"] or one["language"] in row["languages"]]
        able = [row for row in able if one["skill"] in row["skills"]] or able
        return ([row for row in able if row["hard_run"] < 2] or able) if one["hard"] else able

    def _load(self, agent_id: str) -> int:
        c = t.conversations.c
        mine = self.rows(sa.select(t.conversations).where(c.assignee_id == agent_id))
        held = sum(one["snoozed_until"] is None for one in mine)
        ended = [one for one in self.handoffs("resolved") if one["assignee_id"] == agent_id]
        return held + sum(one["wrapped_at"] is None and one["look_at"] is not None for one in ended)

    def _connected(self, agent_id: str) -> bool:
        row = self.rows(sa.select(t.agents).where(t.agents.c.id == agent_id))[0]
        return row["seen_at"] is not None or row["gone_at"] is not None

    def _held_for_long(self, agent_id: str) -> bool:
        c = t.conversations.c
        mine = sa.select(t.conversations).where(c.assignee_id == agent_id, c.snoozed_until.is_(None))
        return bool(self.rows(mine))


def _rank(one: Any) -> tuple[int, int, str]:
    groups = ("urgent", "callback", "high", "normal", "low")
    group = "callback" if one["callback"] and one["priority"] != "urgent" else one["priority"]
    return groups.index(group), one["requested_at"], one["id"]


def _promised(one: Any) -> list[tuple[str, int, int]]:
    promise = POLICY.promise(one["priority"])
    found = []
    if promise.first_reply_ms and one["first_reply_at"] is None:
        found.append(("first_reply", one["requested_at"], promise.first_reply_ms))
    if promise.next_reply_ms and one["waiting_since"] is not None:
        found.append(("next_reply", one["waiting_since"], promise.next_reply_ms))
    if promise.resolution_ms:
        found.append(("resolution", one["requested_at"], promise.resolution_ms))
    return found


def _after(team: str, since: int, ms: int) -> int:
    """Minute by minute on the wall clock of DAY."""
    if team == "care":
        return since + ms
    at = since
    while True:
        ends = at - at % 60_000 + 60_000
        hour = at % 86_400_000 / 3_600_000
        if 8 <= hour < 12 or 13 <= hour < 18:
            if at + ms <= ends:
                return at + ms
            ms -= ends - at
        at = ends


def test_whatever_happens_in_an_office_the_laws_of_the_queue_hold(database: str) -> None:
    run_state_machine_as_test(partial(Office, database))
