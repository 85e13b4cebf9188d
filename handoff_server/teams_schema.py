"""What `teams.yml` may say, and the policy that follows from it. What is wrong is told by place, for a file and a form
alike."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError as Custom

from handoff_server import teams as t
from handoff_server.hours import MINUTES_OF_DAY, Hours, Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """`place` is the way to it from the root; `code` is for programs, `told` a sentence with the remedy."""

    place: Place
    code: str
    told: str


class WrongTeams(Exception):
    """No policy can be made of this."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, one.place))}: {one.told}" for one in problems))
        self.problems = problems


def policy_of(read: Any) -> t.Policy:
    """The policy of what a file says. Raises WrongTeams with all that is wrong."""
    return checked(read).policy()


def checked(read: Any) -> "TeamsText":
    """The same as its parts, each with what it means where it is left out."""
    try:
        found = TeamsText.model_validate(read)
    except ValidationError as wrong:
        raise WrongTeams([_problem(one) for one in wrong.errors()]) from None
    if problems := list(_strangers(found)):
        raise WrongTeams(problems)
    return found


def _problem(error: Any) -> Problem:
    """A designer's words for it."""
    place = tuple(part for part in error["loc"] if part != "[key]")
    told = {
        "extra_forbidden": "this word is unknown; mind its spelling and how far it is indented",
        "missing": "this is missing; add it",
    }.get(error["type"], str(error["msg"]))
    return Problem(place, error["type"], told)


def _strangers(found: "TeamsText") -> Iterator[Problem]:
    """Names of something that is not there, and ids that stand for two things."""
    if found.default_team not in found.teams:
        known = ", ".join(found.teams)
        yield Problem(("default_team",), "no_team", f"{found.default_team!r} is no team; write one of {known}")
    for name, team in found.teams.items():
        if team.hours not in found.hours:
            known = ", ".join(found.hours)
            yield Problem(("teams", name, "hours"), "no_hours", f"there are no hours {team.hours!r}; use {known}")
        if team.when_closed is not None and team.when_closed not in set(found.teams) - {name}:
            told = f"{team.when_closed!r} is no other team; write one, or leave it out"
            yield Problem(("teams", name, "when_closed"), "no_other_team", told)
    ids = [one.id for one in found.dispositions]
    for index, one in enumerate(ids):
        if one in ids[:index]:
            yield Problem(("dispositions", index, "id"), "twice", f"the id {one!r} stands twice; choose another one")


def _value(value: Any) -> dict[str, Any]:
    return {"value": repr(str(value)[:40])}


def _milliseconds(value: Any) -> Any:
    if isinstance(value, str) and (found := re.fullmatch(r"([0-9]{1,5})([smhd])", value)):
        return int(found[1]) * _UNITS[found[2]]
    raise Custom("duration", "write a time as 30s, 5m, 2h or 3d")


def _spans(value: Any) -> Any:
    if not isinstance(value, list):
        raise Custom("spans", 'write a list such as ["08:00-12:00", "13:00-18:00"]; an empty one is closed')
    spans = tuple(_span(one) for one in value)
    if any(one.closes > other.opens for one, other in pairwise(spans)):
        raise Custom("spans_order", "these overlap or are out of order; write them from morning to evening")
    return spans


def _span(value: Any) -> Span:
    found = re.fullmatch(r"([0-2]?[0-9]):([0-5][0-9])-([0-2]?[0-9]):([0-5][0-9])", str(value))
    if found:
        opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if opens < closes <= MINUTES_OF_DAY:
            return Span(opens, closes)
    raise Custom("span", "{value} is no time of day; write 08:00-18:00, at most until 24:00", _value(value))


Duration = Annotated[int, BeforeValidator(_milliseconds)]
Spans = Annotated[tuple[Span, ...], BeforeValidator(_spans)]
TeamId = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class _Name(_Part):
    es: str = Field(min_length=1, max_length=60)
    en: str = Field(min_length=1, max_length=60)


class _Hours(_Part):
    time_zone: str
    week: Annotated[dict[str, Spans], Field(min_length=1)]
    days: dict[date, Spans] = {}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError):
            raise Custom(
                "time_zone", "{value} is no time zone; write one such as America/Bogota", _value(value)
            ) from None
        return value

    @field_validator("week")
    @classmethod
    def _known_days(cls, value: dict[str, Spans]) -> dict[str, Spans]:
        for days in value:
            _weekdays(days)
        return value

    def hours(self) -> Hours:
        week: dict[int, tuple[Span, ...]] = {}
        for days, spans in self.week.items():
            week |= dict.fromkeys(_weekdays(days), spans)
        return Hours(self.time_zone, tuple(week.get(day, ()) for day in range(7)), self.days)


def _weekdays(days: str) -> range:
    first, _, last = days.partition("-")
    if first in DAYS and (last or first) in DAYS and DAYS.index(first) <= DAYS.index(last or first):
        return range(DAYS.index(first), DAYS.index(last or first) + 1)
    known = ", ".join(DAYS)
    told = f"{{value}} are no days; write one of {known}, or a stretch such as mon-fri"
    raise Custom("days", told, _value(days))


class _Team(_Part):
    name: _Name
    hours: str
    mode: Literal["pull", "push"] = "pull"
    offer: Duration = 30_000
    last_agent_first: bool = False
    when_closed: str | None = None
    wrap_up: Duration = 0


class _Promise(_Part):
    first_reply: Duration | None = None
    next_reply: Duration | None = None
    resolution: Duration | None = None


class _Promises(_Part):
    warn_at: Annotated[float, Field(gt=0, lt=1)] = 0.75
    urgent: _Promise = _Promise()
    high: _Promise = _Promise()
    normal: _Promise = _Promise()
    low: _Promise = _Promise()


class _Queue(_Part):
    news: list[Annotated[Duration, Field(ge=10_000)]] = []  # nobody wants to hear it more often
    nobody_online: Literal["wait", "callback"] = "callback"
    at_closing: Literal["wait", "callback"] = "callback"
    agent_gone: Duration | None = None
    hard: list[str] = []


class _Disposition(_Part):
    id: str = Field(pattern="^[a-z][a-z0-9_]{0,19}$")
    name: _Name
    settled: bool = True
    survey: bool = True


class _Cases(_Part):
    silent: Duration | None = None
    reopen: Duration = 0


class _Survey(_Part):
    after: list[Literal["human", "bot"]] = []
    open: Duration = 48 * _UNITS["h"]
    pause: Duration = 0


class TeamsText(_Part):
    version: str
    default_team: str
    hours: dict[str, _Hours]
    teams: dict[TeamId, _Team] = Field(min_length=1)
    skills: list[str] = []
    promises: _Promises = _Promises()
    queue: _Queue = _Queue()
    dispositions: list[_Disposition] = Field(min_length=1)
    cases: _Cases = _Cases()
    survey: _Survey = _Survey()

    def policy(self) -> t.Policy:
        hours = {name: one.hours() for name, one in self.hours.items()}
        return t.Policy(
            version=self.version,
            default_team=self.default_team,
            teams={name: _team(name, one, hours) for name, one in self.teams.items()},
            skills=tuple(self.skills),
            promises={name: _promise(getattr(self.promises, name)) for name in t.PRIORITIES},
            warn_at=self.promises.warn_at,
            news_ms=tuple(self.queue.news),
            nobody_online=self.queue.nobody_online,
            at_closing=self.queue.at_closing,
            agent_gone_ms=self.queue.agent_gone,
            hard=tuple(self.queue.hard),
            dispositions=tuple(
                t.Disposition(one.id, one.name.model_dump(), one.settled, one.survey) for one in self.dispositions
            ),
            case_silent_ms=self.cases.silent,
            case_reopen_ms=self.cases.reopen,
            survey=t.Survey(tuple(self.survey.after), self.survey.open, self.survey.pause),
        )


def _team(name: str, read: _Team, hours: Mapping[str, Hours]) -> t.Team:
    return t.Team(
        id=name,
        name=read.name.model_dump(),
        hours=hours[read.hours],
        mode=read.mode,
        offer_ms=read.offer,
        last_agent_first=read.last_agent_first,
        when_closed=read.when_closed,
        wrap_up_ms=read.wrap_up,
    )


def _promise(read: _Promise) -> t.Promise:
    return t.Promise(read.first_reply, read.next_reply, read.resolution)
