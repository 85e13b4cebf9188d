"""What customers were promised, and when something about a handoff is due next. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Any

from handoff_server.conversations import OPEN_STATUSES, Handoff
from handoff_server.teams import Policy

_STATES = ("running", "warned", "broken")


@dataclass(frozen=True)
class Promise:
    """One that runs: since when, when those who wait for it are warned of, and when it is broken."""

    name: str  # first_reply, next_reply or resolution
    since: int
    warn_at: int
    at: int

    def state_at(self, at: int) -> str:
        return _STATES[(at >= self.warn_at) + (at >= self.at)]


def running(handoff: Handoff, policy: Policy) -> list[Promise]:
    """Counted in the hours of the team. No clock starts anew because the handoff changes hands."""
    if handoff.status not in OPEN_STATUSES:
        return []
    promised, hours = policy.promise(handoff.priority), policy.team(handoff.team).hours
    clocks = (
        ("first_reply", promised.first_reply_ms, handoff.requested_at if handoff.first_reply_at is None else None),
        ("next_reply", promised.next_reply_ms, handoff.waiting_since),
        ("resolution", promised.resolution_ms, handoff.requested_at),
    )
    return [
        Promise(name, since, hours.after(since, int(ms * policy.warn_at)), hours.after(since, ms))
        for name, ms, since in clocks
        if ms is not None and since is not None
    ]


def to_tell(handoff: Handoff, policy: Policy, at: int) -> tuple[Handoff, list[tuple[str, Promise]]]:
    """What has become of the promises by `at` and has not been told: (`warned` or `broken`, which); and the handoff as
    it is when that is told. A warning that comes too late is left out."""
    told = []
    for one in running(handoff, policy):
        state = one.state_at(at)
        if _STATES.index(state) > _STATES.index(_told(handoff, one)):
            kept = handoff.promised | {one.name: {"since": one.since, "state": state, "at": at}}
            handoff = replace(handoff, promised=kept)
            told.append((state, one))
    return handoff, told


def settled(handoff: Handoff, policy: Policy) -> Handoff:
    """With what follows from its state: the promise to be shown, and when to look at it again. (A resolved one is
    looked at when its wrap-up ends, which `resolve` says.)"""
    if handoff.status not in OPEN_STATUSES:
        look_at = handoff.look_at if handoff.status == "resolved" else None
        return replace(handoff, due=None, offered_to=None, offered_until=None, passed=[], look_at=look_at)
    promises = running(handoff, policy)
    moments = [at for one in promises if (at := _next(handoff, one)) is not None]
    if handoff.status == "queued":
        moments += [at for at in _of_the_wait(handoff, policy) if at is not None]
    return replace(handoff, due=_shown(handoff, promises), look_at=min(moments, default=None))


def round_at(handoff: Handoff, policy: Policy) -> int | None:
    """When the present offer ends, or, where nobody is left to be asked, those who let it pass may be asked again."""
    if handoff.offered_until is None and handoff.passed and handoff.queued_at is not None:
        return handoff.queued_at + policy.team(handoff.team).offer_ms
    return handoff.offered_until


def news_at(handoff: Handoff, policy: Policy) -> int | None:
    """When the waiting customer hears of the wait next; not while the team is away, and not who was called back."""
    if not policy.news_ms or handoff.queued_at is None or handoff.callback:
        return None
    moment, last = handoff.queued_at, max(handoff.news_at or 0, handoff.queued_at)
    for pause in chain(policy.news_ms, repeat(policy.news_ms[-1])):
        moment += pause
        if moment > last:
            break
    return policy.team(handoff.team).hours.opens_at(moment)


def closes_at(handoff: Handoff, policy: Policy) -> int | None:
    """When its team goes home; at once, where that had happened before it was queued. None: it waits all the same."""
    if policy.at_closing == "wait" or handoff.queued_at is None:
        return None
    hours = policy.team(handoff.team).hours
    return hours.closes_at(handoff.queued_at) if hours.is_open(handoff.queued_at) else handoff.queued_at


def _of_the_wait(handoff: Handoff, policy: Policy) -> Iterator[int | None]:
    yield round_at(handoff, policy)
    yield news_at(handoff, policy)
    yield closes_at(handoff, policy)


def _told(handoff: Handoff, promise: Promise) -> str:
    """What was told of it in this period: a next reply is promised again and again."""
    told: dict[str, Any] = handoff.promised.get(promise.name) or {}
    return str(told["state"]) if told.get("since") == promise.since else "running"


def _next(handoff: Handoff, promise: Promise) -> int | None:
    return {"running": promise.warn_at, "warned": promise.at, "broken": None}[_told(handoff, promise)]


def _shown(handoff: Handoff, promises: list[Promise]) -> dict[str, Any] | None:
    """The one to be kept next: an answer comes before the solution."""
    if not promises:
        return None
    one = min(promises, key=lambda promise: (promise.name == "resolution", promise.at))
    return {"promise": one.name, "at": one.at, "state": _told(handoff, one)}
