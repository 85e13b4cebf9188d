"""Reads `teams.yml`. A file that is wrong is refused with line and remedy, and the old one stays in force."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import structlog
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from handoff_server import teams as t
from handoff_server.hours import MINUTES_OF_DAY, Hours, Span

log = structlog.get_logger()
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class BadTeams(Exception):
    """The file cannot be used; the message tells every line that is wrong and what to do."""


class TeamsFile:
    """The policy as the file has it now. Whoever looks after it calls `look`: a change counts from then on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._stamp_now()
        self._policy = load_teams(path)

    def current(self) -> t.Policy:
        return self._policy

    def look(self) -> bool:
        """Whether another policy is in force since the last look. Reads the file if it has changed."""
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._policy = load_teams(self._path)
        except BadTeams as bad:
            log.error("teams.refused", stays=self._policy.version, problems=str(bad))
            return False
        log.info("teams.changed", version=self._policy.version)
        return True

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def load_teams(path: Path) -> t.Policy:
    try:
        text = path.read_text(encoding="utf-8")
        read = yaml.load(text, yaml.BaseLoader)  # noqa: S506  # makes texts, lists and mappings only
        root = yaml.compose(text, yaml.BaseLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadTeams(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from None
    try:
        return _File.model_validate(read).policy()
    except ValidationError as wrong:
        told = [f"{path.name}:{_line(root, one['loc'])}: {_told(one)}" for one in wrong.errors()]
        raise BadTeams("\n".join(told)) from None


def _milliseconds(value: Any) -> Any:
    if isinstance(value, str) and (found := re.fullmatch(r"([0-9]{1,5})([smhd])", value)):
        return int(found[1]) * _UNITS[found[2]]
    raise ValueError("write a time as 30s, 5m, 2h or 3d")


def _spans(value: Any) -> Any:
    if not isinstance(value, list):
        raise ValueError('write a list such as ["08:00-12:00", "13:00-18:00"]; an empty one is closed')
    spans = tuple(_span(one) for one in value)
    if any(one.closes > other.opens for one, other in pairwise(spans)):
        raise ValueError("these overlap or are out of order; write them from morning to evening")
    return spans


def _span(value: Any) -> Span:
    found = re.fullmatch(r"([0-2]?[0-9]):([0-5][0-9])-([0-2]?[0-9]):([0-5][0-9])", str(value))
    if found:
        opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if opens < closes <= MINUTES_OF_DAY:
            return Span(opens, closes)
    raise ValueError(f"{str(value)[:20]!r} is no time of day; write 08:00-18:00, at most until 24:00")


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
    week: dict[str, Spans]
    days: dict[date, Spans] = {}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError):
            raise ValueError(f"{value!r} is no time zone; write one such as America/Bogota") from None
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
    raise ValueError(f"{days[:20]!r} are no days; write one of {', '.join(DAYS)}, or a stretch such as mon-fri")


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


class _File(_Part):
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

    @model_validator(mode="after")
    def _names_meet(self) -> "_File":
        if self.default_team not in self.teams:
            raise ValueError(f"default_team {self.default_team!r} is no team; write one of {', '.join(self.teams)}")
        for name, team in self.teams.items():
            if team.hours not in self.hours:
                raise ValueError(f"team {name}: there are no hours {team.hours!r}; use {', '.join(self.hours)}")
            if team.when_closed is not None and team.when_closed not in set(self.teams) - {name}:
                raise ValueError(f"team {name}: when_closed {team.when_closed!r} is no other team")
        ids = [one.id for one in self.dispositions]
        if len(ids) != len(set(ids)):
            raise ValueError(f"dispositions: an id stands twice in {', '.join(ids)}")
        return self

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


def _told(error: Any) -> str:
    """A designer's words for it; the place is told too, since a line alone is easily off by one edit."""
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "this word is unknown; mind its spelling and how far it is indented"
    elif error["type"] == "missing":
        message = "this is missing; add it"
    return f"{place}: {message}" if place else message


def _line(node: Any, path: tuple[Any, ...]) -> int:
    """The line of the deepest part of `path` that the file has."""
    line = node.start_mark.line + 1 if node else 1
    for part in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
