"""Every measure, by one definition each. Pure; docs/measures.md says the same in words.

A life gives observations: a measure, when it became known, and its value. A count counts them, a share is the mean of
noughts and ones (so it cannot pass 100 %), a time is a mean with median and p90. Each observation belongs to one
instant and one group: no border between periods, and no way to group, counts it twice. What has not ended gives none.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, median
from typing import NamedTuple

from handoff_server.lives import CaseLife, Episode, Life, SurveyLife

RETURN_MS = 72 * 3_600_000  # who comes back within this time was not helped
QUICK_MS, PROMPT_MS = 20_000, 180_000
BEST_SHARE = 0.95
DIMENSIONS = ("who", "team", "agent", "channel", "language", "reason", "rule")


class Facts(NamedTuple):
    """What observations are grouped by. `who`: bot, or human where a person was asked for or stepped in."""

    who: str
    team: str | None
    agent: str | None
    channel: str | None
    language: str | None
    reason: str | None
    rule: str | None


_NOWHERE = (None, None)  # a conversation that was erased: what happened stays counted


class Known(NamedTuple):
    """What events do not say: where a conversation is held, when evidence was written, what is known by now."""

    places: Mapping[str, tuple[str, str]]  # conversation → channel and language
    written_at: Mapping[int, int]  # message → when
    now: int
    survey_ms: int  # how long an answer counts


class Observation(NamedTuple):
    measure: str
    at: int
    value: float
    facts: Facts


Found = Iterator[tuple[str, int, float]]  # measure, when, value


def observations(life: Life, known: Known) -> Iterator[Observation]:
    """All that this life adds to any measure. In no order."""
    for facts, found in observed(life, known):
        for measure, at, value in found:
            yield Observation(measure, at, value, facts)


def observed(life: Life, known: Known) -> Iterator[tuple[Facts, Found]]:
    """The same by what it is about, for those who have a million of them to sort."""
    place = known.places.get(life.conversation_id, _NOWHERE)
    for episode in life.episodes:
        facts = _facts("human", episode, *place)
        yield facts, _of_episode(life, episode, known)
        if episode.asked_for and episode.replied_at is not None:
            yield facts._replace(agent=episode.replied_by), _of_reply(episode, episode.replied_at)
    for case in life.cases:
        yield _case_facts(case, *place), _of_case(life, case, known)
        if case.answered_at is not None:
            yield _facts("bot", None, *place), iter([("first_reply_bot", case.answered_at, case.answered_ms)])
    for survey in life.surveys:
        yield _case_facts(survey.case, *place), _of_survey(survey, known)
    if life.promised_calls:
        yield _facts("human", None, *place), (("callbacks", at, 1) for at in life.promised_calls)


def _facts(who: str, episode: Episode | None, channel: str | None, language: str | None) -> Facts:
    if episode is None:
        return Facts(who, None, None, channel, language, None, None)
    return Facts(who, episode.team, episode.agent, channel, language, episode.reason, episode.rule)


def _case_facts(case: CaseLife | None, channel: str | None, language: str | None) -> Facts:
    """A case in which a person was needed is theirs who had its last handoff."""
    last = case.episodes[-1] if case and case.episodes else None
    return _facts("human" if last else "bot", last, channel, language)


def _of_episode(life: Life, episode: Episode, known: Known) -> Found:
    yield "handoffs", episode.began_at, 1
    signed_at = known.written_at.get(episode.evidence_message_id or 0)
    if episode.asked_for and signed_at is not None:
        yield "first_sign", episode.began_at, max(0, episode.began_at - signed_at)
    if episode.asked_for:
        yield from _of_wait(episode)
    if episode.ended_at is not None:
        yield from _of_ended(life, episode, episode.ended_at, known)


def _of_reply(episode: Episode, at: int) -> Found:
    yield "first_reply_human", at, at - episode.began_at


def _of_wait(episode: Episode) -> Found:
    """The wait is over with a person's first words, or when the handoff ends without any."""
    if episode.taken_at is not None:
        yield "speed_of_answer", episode.taken_at, episode.taken_at - episode.began_at
    over_at = episode.replied_at if episode.replied_at is not None else episode.ended_at
    if over_at is None:
        return
    waited = over_at - episode.began_at if episode.replied_at is not None else math.inf
    yield "service_level_20", over_at, waited <= QUICK_MS
    yield "service_level_180", over_at, waited <= PROMPT_MS
    yield "best_95", over_at, waited


def _of_ended(life: Life, episode: Episode, at: int, known: Known) -> Found:
    if episode.asked_for:
        yield "abandonment", at, episode.how == "cancelled"
        yield "unserved", at, episode.how == "expired"
    if episode.how == "resolved":
        yield "resolution", at, at - episode.began_at
    if episode.taken_at is not None:
        yield "handling", at, episode.held_ms + (at if episode.wrapped_at is None else episode.wrapped_at) - at
        yield "transferred", at, episode.transfers > 0
    if episode.how in ("resolved", "returned") and at + RETURN_MS <= known.now:
        yield "handoff_again", at, any(at <= one.began_at < at + RETURN_MS for one in _asked_after(life, episode))
    if episode.asked_again is not None:
        yield "asked_again", at, episode.asked_again
    if episode.verdict is not None:
        yield "missed", at, episode.verdict == "late"
        yield "early", at, episode.verdict == "early"
        yield "needless", at, episode.verdict == "needless"
    yield from _of_promises(episode, at)


def _of_promises(episode: Episode, at: int) -> Found:
    """A promise that fell due, or was kept before: who left earlier was promised nothing any more."""
    kept = {
        "first_reply": episode.replied_at is not None,
        "next_reply": episode.replied_at is not None,
        "resolution": episode.how in ("resolved", "returned"),
    }
    for promise, served in kept.items():
        if promise in episode.broken or (promise in episode.promises and served):
            yield f"kept_{promise}", at, promise not in episode.broken


def _asked_after(life: Life, episode: Episode) -> Sequence[Episode]:
    later = life.episodes[life.episodes.index(episode) + 1 :]
    return [one for one in later if one.asked_for]


def _of_case(life: Life, case: CaseLife, known: Known) -> Found:
    yield "cases_opened", case.opened_at, 1
    at = case.closed_at
    if at is None:
        return
    alone = not case.episodes
    yield "cases_closed", at, 1
    yield "case_duration", at, at - case.opened_at
    yield "contained", at, alone
    yield "contained_confirmed", at, alone and case.outcome == "confirmed"
    yield "abandoned_in_bot", at, alone and case.outcome in ("unconfirmed", "left")
    if at + RETURN_MS <= known.now:
        later = life.cases[life.cases.index(case) + 1 :]
        returned = case.reopened > 0 or any(at <= one.opened_at < at + RETURN_MS for one in later)
        yield "returned", at, returned
        yield "contained_72h", at, alone and not returned


def _of_survey(survey: SurveyLife, known: Known) -> Found:
    if survey.csat is not None and survey.csat_at is not None:
        yield "csat", survey.csat_at, survey.csat >= 4
    if survey.nps is not None and survey.nps_at is not None:
        yield "nps", survey.nps_at, 100 * ((survey.nps >= 9) - (survey.nps <= 6))
    if survey.asked_at + known.survey_ms <= known.now:
        yield "csat_response", survey.asked_at, survey.csat is not None
        yield "nps_response", survey.asked_at, survey.nps is not None


def summary(kind: str, values: Sequence[float]) -> dict[str, float | int | None]:
    """One measure over these observations, with how many they are. None where there is nothing to say."""
    n = len(values)
    if kind == "count":
        return {"value": n, "n": n}
    if kind == "best":
        return {"value": _mean_of_best(values), "n": n}
    mean = fmean(values) if n else None
    if kind == "time":
        middle, high = (median(values), percentile(values, 0.9)) if n else (None, None)
        return {"value": mean, "n": n, "median": middle, "p90": high}
    return {"value": mean, "n": n}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def _mean_of_best(values: Sequence[float]) -> float | None:
    """Over the best 95 % of all who asked, rounded up. None when some of them were never served: there is no mean."""
    best = sorted(values)[: math.ceil(BEST_SHARE * len(values))]
    return fmean(best) if best and math.isfinite(best[-1]) else None
