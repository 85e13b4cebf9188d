"""What a company promises its customers and asks of its people: teams, hours, promises, dispositions. Pure.

`teams_file.py` reads it from `teams.yml`. Durations are milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from handoff_server.hours import ALWAYS, Hours

PRIORITIES = ("urgent", "high", "normal", "low")
Name = Mapping[str, str]  # language → words


@dataclass(frozen=True, kw_only=True)
class Team:
    """`pull`: agents claim. `push`: the queue offers each handoff to one agent for `offer_ms`, then to the next."""

    id: str
    name: Name
    hours: Hours = ALWAYS
    mode: Literal["pull", "push"] = "pull"
    offer_ms: int = 30_000
    last_agent_first: bool = False
    when_closed: str | None = None  # the team that stands in; none: a callback
    wrap_up_ms: int = 0


@dataclass(frozen=True)
class Promise:
    """How soon, counted in the team's hours. None: nothing is promised."""

    first_reply_ms: int | None = None
    next_reply_ms: int | None = None
    resolution_ms: int | None = None

    @property
    def told(self) -> dict[str, int]:
        """What is promised, and how soon in milliseconds."""
        every = {"first_reply": self.first_reply_ms, "next_reply": self.next_reply_ms, "resolution": self.resolution_ms}
        return {name: ms for name, ms in every.items() if ms is not None}


@dataclass(frozen=True)
class Disposition:
    """What an agent says of a matter that is over. `settled`: it counts as solved. `survey`: the customer is asked."""

    id: str
    name: Name
    settled: bool = True
    survey: bool = True


@dataclass(frozen=True)
class Survey:
    """After whose work customers are asked (`human`, `bot`), how long an answer counts, and how long one is not asked
    again."""

    after: tuple[str, ...] = ()
    open_ms: int = 48 * 3_600_000
    pause_ms: int = 0


_DISPOSITIONS = (
    Disposition("solved", {"es": "Resuelto", "en": "Solved"}),
    Disposition("not_solved", {"es": "Sin solución", "en": "Not solved"}, settled=False),
    Disposition("duplicate", {"es": "Duplicado", "en": "Duplicate"}, settled=False, survey=False),
    Disposition("spam", {"es": "Spam", "en": "Spam"}, settled=False, survey=False),
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """All of it, of one version of the file."""

    version: str = "plain"
    default_team: str = "care"
    teams: Mapping[str, Team] = field(default_factory=dict)
    skills: tuple[str, ...] = ()
    promises: Mapping[str, Promise] = field(default_factory=dict)  # by priority
    warn_at: float = 0.75  # of a promise's time
    news_ms: tuple[int, ...] = ()  # how long until the customer hears of the wait again; the last one repeats
    nobody_online: Literal["wait", "callback"] = "wait"
    at_closing: Literal["wait", "callback"] = "wait"
    agent_gone_ms: int | None = None  # after this long without a console, an agent's conversations go back
    hard: tuple[str, ...] = ()  # reasons of handoffs that nobody gets three of in a row
    dispositions: tuple[Disposition, ...] = _DISPOSITIONS
    case_silent_ms: int | None = None
    case_reopen_ms: int = 0
    survey: Survey = Survey()

    def team(self, team_id: str | None) -> Team:
        """The default team where there is none of that name (any more)."""
        return self.teams.get(team_id or "") or self.teams[self.default_team]

    def promise(self, priority: str) -> Promise:
        return self.promises.get(priority, Promise())

    def shown(self, at: int) -> dict[str, Any]:
        """What consoles need of it."""
        return {
            "version": self.version,
            "teams": [
                {
                    "id": one.id,
                    "name": one.name,
                    "mode": one.mode,
                    "open": one.hours.is_open(at),
                    "wrap_up_ms": one.wrap_up_ms,
                }
                for one in self.teams.values()
            ],
            "dispositions": [{"id": one.id, "name": one.name, "settled": one.settled} for one in self.dispositions],
            "skills": list(self.skills),
        }

    def disposition(self, disposition_id: str) -> Disposition | None:
        return next((one for one in self.dispositions if one.id == disposition_id), None)


# A hub without a file: one team that is always there and claims; nothing is promised, nobody is asked.
PLAIN = Policy(teams={"care": Team(id="care", name={"es": "Atención al cliente", "en": "Customer care"})})
