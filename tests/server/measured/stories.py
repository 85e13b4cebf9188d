"""Legal lives of conversations, drawn at random: what may happen next depends on what has happened."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from handoff_server.lives import Event

HOUR = 3_600_000
START = 1_795_000_000_000
AGENTS = ("ana", "beto", "carla")
TEAMS = ("care", "sales")
PROMISES = ("first_reply", "next_reply", "resolution")
# Ties, the borders of the service levels and of the 72 hours, and anything between.
PAUSES = st.sampled_from([0, 0, 1, 20_000, 20_001, 180_000, 180_001, HOUR, 72 * HOUR - 1, 72 * HOUR]) | st.integers(
    0, 200 * HOUR
)


@dataclass
class Story:
    """One conversation so far."""

    id: str
    draw: Any
    at: int = START
    events: list[Event] = field(default_factory=list)
    case: str | None = None
    closed: str | None = None  # the case that may be reopened
    handoff: str | None = None
    began: int = 0  # when it was requested, or somebody stepped in
    owner: str = "bot"
    agent: str | None = None
    replied: bool = False
    snoozed: bool = False
    ended: list[tuple[str, str | None]] = field(default_factory=list)  # resolved handoffs, with their cases
    asked: list[str] = field(default_factory=list)  # cases whose customer was asked
    made: int = 0

    def go_on(self) -> None:
        self.at += self.draw(PAUSES)
        self.draw(st.sampled_from(self._next()))()

    def _next(self) -> list[Any]:
        if self.owner == "queue":
            now = [self.assigned, self.taken_over, self.cancelled, self.expired, self.broken, self.to_team]
            now += [self.to_agent]
        elif self.owner == "agent":
            now = [self.resolved, self.returned, self.released, self.to_agent, self.to_team, self.taken_over]
            now += [self.broken, self.woken if self.snoozed else self.slept, self.reply]
        elif self.case:
            now = [self.answered, self.close, self.requested, self.requested, self.taken_over]
            now += [self.call]
        else:
            now = [self.open, self.open, self.taken_over, *([self.reopen] if self.closed else [])]
        return now + [self.wrapped] * bool(self.ended) + [self.survey_answered] * bool(self.asked)

    def tell(
        self, name: str, handoff: str | None = None, case: str | None = None, actor: str = "", **data: Any
    ) -> None:
        event = Event(name, self.at, self.id, case or self.case, handoff or self.handoff, actor or None, data)
        self.events.append(event)

    def _new(self, kind: str) -> str:
        self.made += 1
        return f"{kind}{self.id}.{self.made}"

    def open(self) -> None:
        self.case, self.closed = self._new("k"), None
        self.tell("case.opened")

    def reopen(self) -> None:
        self.case, self.closed = self.closed, None
        self.tell("case.reopened")

    def answered(self) -> None:
        self.tell("case.answered", waited_ms=self.draw(st.integers(0, HOUR)))

    def call(self) -> None:
        self.tell(self.draw(st.sampled_from(["callback.requested", "callback.due", "callback.cancelled"])))

    def close(self) -> None:
        self.tell("case.closed", outcome=self.draw(st.sampled_from(["confirmed", "unconfirmed", "left"])))
        self._closed()

    def _closed(self) -> None:
        if self.case and self.case not in self.asked and self.draw(st.booleans()):
            self.tell("survey.asked")
            self.asked.append(self.case)
        self.case, self.closed = None, self.case

    def requested(self) -> None:
        self._begin()
        self.owner = "queue"
        promised = {one: 60_000 for one in PROMISES if self.draw(st.booleans())}
        evidence = {"rule": self.draw(st.sampled_from(["r1", "r2"])), "message_id": self.draw(st.integers(1, 5))}
        reason = self.draw(st.sampled_from(["customer_request", "bot_failure"]))
        team = self.draw(st.sampled_from(TEAMS))
        self.tell("handoff.requested", reason=reason, evidence=evidence, team=team, promises=promised)

    def assigned(self) -> None:
        self._take("handoff.assigned")

    def taken_over(self) -> None:
        if self.owner == "bot":
            self._begin()
        self._take("conversation.taken_over", reason="agent_takeover", waited_ms=self.at - self.began)

    def _begin(self) -> None:
        self.handoff, self.began, self.replied = self._new("h"), self.at, False

    def _take(self, name: str, **data: Any) -> None:
        self.owner, self.agent, self.snoozed = "agent", self.draw(st.sampled_from(AGENTS)), False
        self.tell(name, actor=self.agent, **data)

    def reply(self) -> None:
        if not self.replied:
            self.replied = True
            self.tell("handoff.first_reply", actor=self.agent or "")

    def released(self) -> None:
        self.owner, self.snoozed = "queue", False
        self.tell("handoff.released", actor=self.agent or "", why="released")

    def to_team(self) -> None:
        self.owner, self.snoozed = "queue", False
        self.tell("handoff.transferred", team=self.draw(st.sampled_from(TEAMS)))

    def to_agent(self) -> None:
        self.owner, self.agent, self.snoozed = "agent", self.draw(st.sampled_from(AGENTS)), False
        self.tell("handoff.transferred", to_agent=self.agent)

    def slept(self) -> None:
        self.snoozed = True
        self.tell("conversation.snoozed")

    def woken(self) -> None:
        self.snoozed = False
        self.tell("conversation.woken")

    def broken(self) -> None:
        self.tell("handoff.broken", promise=self.draw(st.sampled_from(PROMISES)))

    def cancelled(self) -> None:
        self._end("cancelled")

    def expired(self) -> None:
        self._end("expired")

    def returned(self) -> None:
        self._end("returned", **self._mark())

    def resolved(self) -> None:
        self._end("resolved", **self._mark())
        if self.case:
            self.tell("case.closed", outcome="resolved")
            self._closed()

    def _end(self, how: str, **data: Any) -> None:
        self.tell(f"handoff.{how}", actor=self.agent or "", **data)
        self.owner, self.agent, self.snoozed = "bot", None, False
        if how == "resolved":
            self.ended.append((self.handoff or "", self.case))

    def wrapped(self) -> None:
        handoff, case = self.draw(st.sampled_from(self.ended))
        ended = next(one.at for one in self.events if one.name == "handoff.resolved" and one.handoff_id == handoff)
        over = self.draw(st.integers(ended, self.at))
        self.tell("handoff.wrapped", handoff=handoff, case=case, wrapped_at=over, **self._mark())
        self.tell("handoff.judged", handoff=handoff, case=case, **self._mark())

    def survey_answered(self) -> None:
        case = self.draw(st.sampled_from(self.asked))
        answer = self.draw(st.sampled_from([{"csat": 5}, {"csat": 3}, {"nps": 6}, {"nps": 8}, {"nps": 9}]))
        self.tell("survey.answered", case=case, **answer)

    def _mark(self) -> dict[str, Any]:
        verdict = self.draw(st.sampled_from([None, "right", "early", "late", "needless"]))
        return {"verdict": verdict, "asked_again": self.draw(st.sampled_from([None, True, False]))}


@st.composite
def stories(draw: Any, most: int = 3) -> list[list[Event]]:
    """The events of some conversations, each in order."""
    told = []
    for number in range(draw(st.integers(1, most))):
        story = Story(f"c{number}", draw, START + draw(st.integers(0, 300 * HOUR)))
        for _ in range(draw(st.integers(0, 18))):
            story.go_on()
        told.append(story.events)
    return told
