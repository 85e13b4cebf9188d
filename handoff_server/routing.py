"""The order of the queue, and who is asked next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from handoff_server.teams import Policy, Team

_RANKS = {"urgent": 0, "high": 2, "normal": 3, "low": 4}
_CALLBACK_RANK = 1  # a promise of the day before, behind what cannot wait only
HARD_IN_A_ROW = 2  # how many hard cases one person gets before another one's turn


@dataclass(frozen=True)
class Waiting:
    """One queued handoff."""

    handoff_id: str
    conversation_id: str
    requested_at: int
    priority: str = "normal"
    callback: bool = False
    team: str = "care"
    hurries: bool = False  # the platform's time for an answer is nearly over


@dataclass(frozen=True, kw_only=True)
class Person:
    """One of our people, as far as routing cares. `load`: the conversations held and the wrap-ups under way."""

    id: str
    teams: Sequence[str] = ()  # none: the default team
    skills: Sequence[str] = ()
    languages: Sequence[str] = ()  # none: all of them
    capacity: int = 4
    load: int = 0
    is_asked: bool = False  # an offer waits for the answer
    assigned_at: int = 0  # when something was assigned last
    hard_run: int = 0  # how many of the last ones in a row were hard


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a queued handoff asks for."""

    language: str
    skill: str | None = None
    hard: bool = False
    last_agent: str | None = None  # who had this customer last, where the team minds that
    passed: Sequence[str] = ()  # who let it pass in this round


def queue_order(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Urgent ones, callbacks, then by priority; among equals whose window closes within the hour, then who waits
    longest. Equal times keep one order by id."""
    return sorted(waiting, key=lambda one: (_rank(one), not one.hurries, one.requested_at, one.handoff_id))


def _rank(one: Waiting) -> int:
    rank = _RANKS.get(one.priority, _RANKS["normal"])
    return min(rank, _CALLBACK_RANK) if one.callback else rank


def places(waiting: Sequence[Waiting]) -> dict[str, int]:
    """Conversation → its place in the queue of its team; 1 is served next."""
    found: dict[str, int] = {}
    served: dict[str, int] = {}
    for one in queue_order(waiting):
        found[one.conversation_id] = served[one.team] = served.get(one.team, 0) + 1
    return found


def is_hard(reason: str, priority: str, policy: Policy) -> bool:
    """Whether it takes its toll on who serves it."""
    return reason in policy.hard or reason == "negative_sentiment" or priority == "urgent"


def belongs(teams: Sequence[str], team_id: str, policy: Policy) -> bool:
    """Whether somebody with these teams is a member. Who is in none that exists is in the default team."""
    known = [one for one in teams if one in policy.teams]
    return team_id in (known or [policy.default_team])


def standing_in(policy: Policy, team_id: str | None) -> list[Team]:
    """The team, or the default one where it is unknown, and the one that stands in when it is closed."""
    team = policy.team(team_id)
    return [team] if team.when_closed is None else [team, policy.team(team.when_closed)]


def fitting(wanted: Wanted, online: Sequence[Person]) -> list[Person]:
    """Of the team's people online those who may be asked at all, free or not.

    A skill is a must while somebody there has it. Who has just had hard cases rests while somebody else is there.
    """
    fit = [one for one in online if one.capacity > 0 and (not one.languages or wanted.language in one.languages)]
    fit = [one for one in fit if wanted.skill in one.skills] or fit
    if wanted.hard:
        fit = [one for one in fit if one.hard_run < HARD_IN_A_ROW] or fit
    return fit


def free(people: Sequence[Person]) -> list[Person]:
    return [one for one in people if one.load < one.capacity and not one.is_asked]


def choose(wanted: Wanted, people: Sequence[Person]) -> Person | None:
    """Whom to ask, of those who fit and are free: the last agent, the least loaded, who got nothing for longest."""
    left = [one for one in people if one.id not in wanted.passed]
    return min(left, key=lambda one: _distance(one, wanted), default=None)


def _distance(one: Person, wanted: Wanted) -> tuple[bool, float, int, str]:
    return one.id != wanted.last_agent, one.load / one.capacity, one.assigned_at, one.id
