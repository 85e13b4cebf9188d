"""The measures again, as plainly as can be said: for each, look through all events for what it needs. Shares no code
with the real ones, remembers nothing from one event to the next, and does not mind being slow."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from handoff_server.lives import Event

HOURS_72 = 72 * 60 * 60 * 1000
ENDS = ("handoff.resolved", "handoff.returned", "handoff.cancelled", "handoff.expired")
TAKES = ("handoff.assigned", "conversation.taken_over")
Found = tuple[str, int, float, str | None, str | None]  # measure, when, value, agent, team


def slow(events: Sequence[Event], written_at: dict[int, int], now: int, survey_ms: int) -> list[Found]:
    """All observations of one conversation."""
    found = []
    for handoff in _ids(events, "handoff_id", ("handoff.requested", "conversation.taken_over")):
        found += _handoff(handoff, events, written_at, now)
    for case in _ids(events, "case_id", ("case.opened",)):
        found += _case(case, events, now)
        found += _survey(case, events, now, survey_ms)
    for place, event in enumerate(events):
        calls = _named(events[:place], "callback.requested", "callback.due", "callback.cancelled")
        if event.name == "callback.requested" and (not calls or calls[-1].name != "callback.requested"):
            found.append(("callbacks", event.at, 1, None, None))
    return found


def _ids(events: Sequence[Event], what: str, names: tuple[str, ...]) -> list[Any]:
    return list(dict.fromkeys(getattr(event, what) for event in events if event.name in names))


def _named(events: Sequence[Event], *names: str) -> list[Event]:
    return [event for event in events if event.name in names]


def _handoff(handoff: str, events: Sequence[Event], written_at: dict[int, int], now: int) -> list[Found]:
    mine = [
        event for event in events if event.handoff_id == handoff and not event.name.startswith(("case.", "survey."))
    ]
    asked, begin = bool(_named(mine, "handoff.requested")), mine[0]
    ends, takes, replies = _named(mine, *ENDS), _takes(mine), _named(mine, "handoff.first_reply")
    agent, team = _last_agent(mine), _last_team(mine)
    found: list[Any] = [("handoffs", begin.at, 1)]
    if asked:
        sign = begin.data["evidence"]["message_id"]
        if sign in written_at:
            found.append(("first_sign", begin.at, max(0, begin.at - written_at[sign])))
        if takes:
            found.append(("speed_of_answer", takes[0].at, takes[0].at - begin.at))
        if replies:
            waited = replies[0].at - begin.at
            decided = replies[0].at
        elif ends:
            waited, decided = float("inf"), ends[0].at
        if replies or ends:
            found.append(("service_level_20", decided, 1 if waited <= 20_000 else 0))
            found.append(("service_level_180", decided, 1 if waited <= 180_000 else 0))
            found.append(("best_95", decided, waited))
    if ends:
        found += _ended(mine, asked, events, now)
    told = [(*one, agent, team) for one in found]
    if asked and replies:
        told.append(("first_reply_human", replies[0].at, replies[0].at - begin.at, replies[0].actor, team))
    return told


def _takes(mine: list[Event]) -> list[Event]:
    return [event for event in mine if event.name in TAKES or "to_agent" in event.data]


def _last_agent(mine: list[Event]) -> str | None:
    holders = [event.data.get("to_agent", event.actor) for event in _takes(mine)]
    return holders[-1] if holders else None


def _last_team(mine: list[Event]) -> str | None:
    teams = [event.data["team"] for event in mine if "team" in event.data]
    return teams[-1] if teams else None


def _ended(mine: list[Event], asked: bool, events: Sequence[Event], now: int) -> list[Any]:
    (end,) = _named(mine, *ENDS)
    how = end.name.removeprefix("handoff.")
    found: list[Any] = []
    if asked:
        found += [("abandonment", end.at, how == "cancelled"), ("unserved", end.at, how == "expired")]
    if how == "resolved":
        found.append(("resolution", end.at, end.at - mine[0].at))
    if _takes(mine):
        found.append(("transferred", end.at, any(map(_passes_on(mine), mine))))
        found.append(("handling", end.at, _held(mine) + _wrap_up(mine, end)))
    if how in ("resolved", "returned") and end.at + HOURS_72 <= now:
        later = events[events.index(end) :]
        again = [event for event in _named(later, "handoff.requested") if event.at < end.at + HOURS_72]
        found.append(("handoff_again", end.at, bool(again)))
    verdicts = [event.data["verdict"] for event in mine if event.data.get("verdict")]
    repeats = [event.data["asked_again"] for event in mine if event.data.get("asked_again") is not None]
    if verdicts:
        said = {"missed": "late", "early": "early", "needless": "needless"}
        found += [(measure, end.at, verdicts[-1] == verdict) for measure, verdict in said.items()]
    if repeats:
        found.append(("asked_again", end.at, repeats[-1]))
    promised = mine[0].data.get("promises", {})
    replied = bool(_named(mine, "handoff.first_reply"))
    for promise in ("first_reply", "next_reply", "resolution"):
        broken = any(event.data["promise"] == promise for event in _named(mine, "handoff.broken"))
        served = how in ("resolved", "returned") if promise == "resolution" else replied
        if broken:
            found.append((f"kept_{promise}", end.at, False))
        elif promise in promised and served:
            found.append((f"kept_{promise}", end.at, True))
    return found


def _passes_on(mine: list[Event]) -> Any:
    """Whether an event is a transfer by whoever had it."""
    return lambda event: event.name == "handoff.transferred" and _in_hands(mine[: mine.index(event)])


def _held(mine: list[Event]) -> int:
    """Between two events, the time counts if after the first one somebody had it and it was not asleep."""
    return sum(
        after.at - before.at for place, (before, after) in enumerate(pairwise(mine)) if _works_on_it(mine[: place + 1])
    )


def _works_on_it(so_far: list[Event]) -> bool:
    if not _in_hands(so_far):
        return False
    since = so_far[so_far.index(_takes(so_far)[-1]) :]
    sleeps = _named(since, "conversation.snoozed", "conversation.woken")
    return not sleeps or sleeps[-1].name == "conversation.woken"


def _in_hands(so_far: list[Event]) -> bool:
    hands = [event for event in so_far if event.name in (*TAKES, "handoff.transferred", "handoff.released", *ENDS)]
    return bool(hands) and (hands[-1].name in TAKES or "to_agent" in hands[-1].data)


def _wrap_up(mine: list[Event], end: Event) -> int:
    wraps = _named(mine, "handoff.wrapped")
    return wraps[0].data["wrapped_at"] - end.at if wraps else 0


def _case(case: str, events: Sequence[Event], now: int) -> list[Found]:
    mine = [event for event in events if event.case_id == case and event.name.startswith("case.")]
    agent, team, alone = _helped_by(case, events)
    opened = mine[0]
    found: list[Any] = [("cases_opened", opened.at, 1)]
    answers = _named(mine, "case.answered")
    last = _named(mine, "case.closed", "case.reopened")[-1:]
    if last and last[0].name == "case.closed":
        closed = last[0]
        outcome = closed.data["outcome"]
        found += [
            ("cases_closed", closed.at, 1),
            ("case_duration", closed.at, closed.at - opened.at),
            ("contained", closed.at, alone),
            ("contained_confirmed", closed.at, alone and outcome == "confirmed"),
            ("abandoned_in_bot", closed.at, alone and outcome in ("unconfirmed", "left")),
        ]
        if closed.at + HOURS_72 <= now:
            later = events[events.index(closed) :]
            back = [event for event in _named(later, "case.opened") if event.at < closed.at + HOURS_72]
            returned = bool(back) or bool(_named(mine, "case.reopened"))
            found += [("returned", closed.at, returned), ("contained_72h", closed.at, alone and not returned)]
    told: list[Found] = [(*one, agent, team) for one in found]
    if answers:
        told.append(("first_reply_bot", answers[0].at, answers[0].data["waited_ms"], None, None))
    return told


def _helped_by(case: str, events: Sequence[Event]) -> tuple[str | None, str | None, bool]:
    """Agent and team of the case's last handoff, and whether it had none."""
    begins = [
        event
        for event in events
        if event.case_id == case and event.name in ("handoff.requested", "conversation.taken_over")
    ]
    firsts = [
        event
        for event in begins
        if event
        == next(
            one
            for one in events
            if one.handoff_id == event.handoff_id and one.name in ("handoff.requested", "conversation.taken_over")
        )
    ]
    if not firsts:
        return None, None, True
    mine = [
        event
        for event in events
        if event.handoff_id == firsts[-1].handoff_id and not event.name.startswith(("case.", "survey."))
    ]
    return _last_agent(mine), _last_team(mine), False


def _survey(case: str, events: Sequence[Event], now: int, survey_ms: int) -> list[Found]:
    mine = [event for event in events if event.case_id == case]
    asked, answers = _named(mine, "survey.asked"), _named(mine, "survey.answered")
    if not asked:
        return []
    csat = [event for event in answers if "csat" in event.data]
    nps = [event for event in answers if "nps" in event.data]
    found: list[Any] = []
    if csat:
        found.append(("csat", csat[0].at, csat[-1].data["csat"] in (4, 5)))
    if nps:
        last = nps[-1].data["nps"]
        found.append(("nps", nps[0].at, 100 if last in (9, 10) else 0 if last in (7, 8) else -100))
    if asked[0].at + survey_ms <= now:
        found += [("csat_response", asked[0].at, bool(csat)), ("nps_response", asked[0].at, bool(nps))]
    agent, team, _alone = _helped_by(case, events)
    return [(*one, agent, team) for one in found]
