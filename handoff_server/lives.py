"""What became of cases, handoffs and surveys, replayed from one conversation's events. Pure; times are ms since 1970.

A clock starts once. Whatever happens to a handoff (released, transferred, taken over) and to a case (reopened), it runs
from the first request or the first opening.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ENDS = {f"handoff.{how}": how for how in ("resolved", "returned", "cancelled", "expired")}


class Event(NamedTuple):
    """One event of a conversation's life. `actor` is the agent who did it, if one did; `told` its data, as JSON where
    it comes from the log: most of it is never asked for, and reading it would be most of the work."""

    name: str
    at: int
    conversation_id: str
    case_id: str | None = None
    handoff_id: str | None = None
    actor: str | None = None
    told: Mapping[str, Any] | str = "{}"

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.told) if isinstance(self.told, str) else self.told
        return found


@dataclass(slots=True)
class Episode:
    """A handoff: from the request, or from an agent's stepping in, to its end."""

    id: str
    began_at: int
    case_id: str | None
    asked_for: bool  # False: an agent stepped in and nobody has waited
    reason: str | None = None
    rule: str | None = None
    evidence_message_id: int | None = None
    team: str | None = None
    promises: frozenset[str] = frozenset()  # what was promised when it began
    broken: set[str] = field(default_factory=set)
    taken_at: int | None = None
    replied_at: int | None = None
    replied_by: str | None = None
    agent: str | None = None  # who had it last
    holder: str | None = None  # who has it
    held_ms: int = 0  # time in somebody's hands, without the time in which it was snoozed
    held_since: int | None = None  # none: nobody has it, or it is snoozed
    transfers: int = 0
    ended_at: int | None = None
    how: str | None = None
    wrapped_at: int | None = None
    verdict: str | None = None
    asked_again: bool | None = None


@dataclass(slots=True)
class CaseLife:
    """What a customer came for. Reopened, it is the same case: it has closed when it has closed last."""

    id: str
    opened_at: int
    answered_at: int | None = None  # the bot's first answer
    answered_ms: int = 0  # how long that took, also where a turn has opened the case after the customer wrote
    closed_at: int | None = None
    outcome: str | None = None
    reopened: int = 0
    episodes: list[Episode] = field(default_factory=list)


@dataclass(slots=True)
class SurveyLife:
    """A survey was asked. `csat` and `nps` are the last answers, dated by the first."""

    asked_at: int
    case: CaseLife | None
    csat: int | None = None
    csat_at: int | None = None
    nps: int | None = None
    nps_at: int | None = None


@dataclass(slots=True)
class Life:
    """All of one conversation's cases, handoffs and surveys, in the order in which they began."""

    conversation_id: str
    cases: list[CaseLife] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    surveys: list[SurveyLife] = field(default_factory=list)
    promised_calls: list[int] = field(default_factory=list)  # when; the same promise corrected is one
    torn: bool = False  # it has events of something whose beginning is missing: read from further back


def replay(conversation_id: str, events: Iterable[Event]) -> Life:
    """The life that these events tell. They are one conversation's, in the order of the log."""
    told = _Telling(Life(conversation_id))
    for event in events:
        if step := _STEPS.get(event.name):
            step(told, event)
    return told.life


class _Telling:
    """A life under way."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self._cases: dict[str, CaseLife] = {}
        self._episodes: dict[str, Episode] = {}
        self._surveys: dict[str | None, SurveyLife] = {}
        self._closed: CaseLife | None = None  # the case that closed last
        self._awaits_call = False

    # cases

    def case_opened(self, event: Event) -> None:
        case = CaseLife(event.case_id or "", event.at)
        self._cases[case.id] = case
        self.life.cases.append(case)

    def case_answered(self, event: Event) -> None:
        if (case := self._case(event)) and case.answered_at is None:
            case.answered_at = event.at
            case.answered_ms = event.data.get("waited_ms", event.at - case.opened_at)

    def case_closed(self, event: Event) -> None:
        if case := self._case(event):
            case.closed_at, case.outcome = event.at, event.data.get("outcome")
            self._closed = case

    def case_reopened(self, event: Event) -> None:
        if case := self._case(event):
            case.closed_at = case.outcome = None
            case.reopened += 1

    def _case(self, event: Event) -> CaseLife | None:
        case = self._cases.get(event.case_id or "")
        self.life.torn |= case is None
        return case

    # handoffs

    def requested(self, event: Event) -> None:
        self._begin(event, asked_for=True)

    def taken_over(self, event: Event) -> None:
        """From the bot: a handoff of its own. From the queue or a colleague: the one that is open goes on."""
        if event.handoff_id not in self._episodes and not event.data.get("waited_ms"):
            self._begin(event, asked_for=False)
        self.assigned(event)

    def assigned(self, event: Event) -> None:
        if episode := self._episode(event):
            _hold(episode, event.at, event.actor)

    def replied(self, event: Event) -> None:
        if (episode := self._episode(event)) and episode.replied_at is None:
            episode.replied_at, episode.replied_by = event.at, event.actor

    def released(self, event: Event) -> None:
        if episode := self._episode(event):
            _let_go(episode, event.at)

    def transferred(self, event: Event) -> None:
        if episode := self._episode(event):
            data = event.data
            episode.transfers += episode.holder is not None  # what waits is only sent elsewhere
            _let_go(episode, event.at)
            episode.team = data.get("team") or episode.team
            if agent := data.get("to_agent"):
                _hold(episode, event.at, agent)

    def snoozed(self, event: Event) -> None:
        """Nobody works on what waits for the customer."""
        if episode := self._open_episode(event):
            _stop(episode, event.at)

    def woken(self, event: Event) -> None:
        if (episode := self._open_episode(event)) and episode.holder and episode.held_since is None:
            episode.held_since = event.at

    def broken(self, event: Event) -> None:
        if episode := self._episode(event):
            episode.broken.add(str(event.data.get("promise")))

    def ended(self, event: Event) -> None:
        if episode := self._episode(event):
            _let_go(episode, event.at)
            episode.ended_at, episode.how = event.at, ENDS[event.name]
            _mark(episode, event.data)

    def wrapped(self, event: Event) -> None:
        if episode := self._episode(event):
            data = event.data
            episode.wrapped_at = episode.wrapped_at or data.get("wrapped_at") or event.at
            _mark(episode, data)

    def judged(self, event: Event) -> None:
        if episode := self._episode(event):
            _mark(episode, event.data)

    def _begin(self, event: Event, asked_for: bool) -> None:
        data = event.data
        evidence = data.get("evidence") or {}
        episode = Episode(
            event.handoff_id or "",
            event.at,
            event.case_id,
            asked_for,
            reason=data.get("reason"),
            rule=evidence.get("rule"),
            evidence_message_id=evidence.get("message_id"),
            team=data.get("team"),
            promises=frozenset(data.get("promises") or ()),
        )
        self._episodes[episode.id] = episode
        self.life.episodes.append(episode)
        if case := self._cases.get(event.case_id or ""):
            case.episodes.append(episode)
        elif event.case_id:
            self.life.torn = True

    def _episode(self, event: Event) -> Episode | None:
        episode = self._episodes.get(event.handoff_id or "")
        self.life.torn |= episode is None
        return episode

    def _open_episode(self, event: Event) -> Episode | None:
        episode = self._episodes.get(event.handoff_id or "")
        return episode if episode and episode.ended_at is None else None

    # calls that were promised because nobody was there

    def call_promised(self, event: Event) -> None:
        if not self._awaits_call:
            self.life.promised_calls.append(event.at)
        self._awaits_call = True

    def call_over(self, event: Event) -> None:
        self._awaits_call = False

    # surveys

    def asked(self, event: Event) -> None:
        survey = SurveyLife(event.at, self._cases.get(event.case_id or "") or self._closed)
        self.life.torn |= survey.case is None
        self._surveys[survey.case.id if survey.case else None] = survey
        self.life.surveys.append(survey)

    def answered(self, event: Event) -> None:
        case = self._cases.get(event.case_id or "") or self._closed
        survey = self._surveys.get(case.id if case else None)
        if survey is None:
            self.life.torn = True
            return
        data = event.data
        if (csat := data.get("csat")) is not None:
            survey.csat, survey.csat_at = csat, survey.csat_at or event.at
        if (nps := data.get("nps")) is not None:
            survey.nps, survey.nps_at = nps, survey.nps_at or event.at


def _hold(episode: Episode, at: int, agent: str | None) -> None:
    _stop(episode, at)
    if episode.taken_at is None:
        episode.taken_at = at
    episode.agent = episode.holder = agent
    episode.held_since = at


def _let_go(episode: Episode, at: int) -> None:
    _stop(episode, at)
    episode.holder = None


def _stop(episode: Episode, at: int) -> None:
    if episode.held_since is not None:
        episode.held_ms += at - episode.held_since
        episode.held_since = None


def _mark(episode: Episode, data: Mapping[str, Any]) -> None:
    """What an agent says of the handoff itself; the last word counts."""
    episode.verdict = data.get("verdict") or episode.verdict
    if data.get("asked_again") is not None:
        episode.asked_again = data["asked_again"]


_STEPS: dict[str, Callable[[_Telling, Event], None]] = {
    "case.opened": _Telling.case_opened,
    "case.answered": _Telling.case_answered,
    "case.closed": _Telling.case_closed,
    "case.reopened": _Telling.case_reopened,
    "handoff.requested": _Telling.requested,
    "handoff.assigned": _Telling.assigned,
    "conversation.taken_over": _Telling.taken_over,
    "handoff.first_reply": _Telling.replied,
    "handoff.released": _Telling.released,
    "handoff.transferred": _Telling.transferred,
    "conversation.snoozed": _Telling.snoozed,
    "conversation.woken": _Telling.woken,
    "handoff.broken": _Telling.broken,
    **dict.fromkeys(ENDS, _Telling.ended),
    "handoff.wrapped": _Telling.wrapped,
    "handoff.judged": _Telling.judged,
    "callback.requested": _Telling.call_promised,
    "callback.due": _Telling.call_over,
    "callback.cancelled": _Telling.call_over,
    "survey.asked": _Telling.asked,
    "survey.answered": _Telling.answered,
}
TOLD = tuple(_STEPS)  # the events that lives are told by
