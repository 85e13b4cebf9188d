"""What is due when: the pure part, against counting minute by minute."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from handoff_server.conversations import Handoff
from handoff_server.expectation import expected_wait_ms, told_minutes
from handoff_server.hours import ALWAYS, Hours, Span
from handoff_server.promises import closes_at, news_at, settled, to_tell
from handoff_server.teams import Policy, Promise, Team

MINUTE, DAY = 60_000, 86_400_000
MONDAY = 1_794_787_200_000  # 2026-11-16 at midnight UTC
NAME = {"es": "Equipo", "en": "Team"}
spans = st.sampled_from(
    ((Span(8 * 60, 12 * 60), Span(14 * 60, 18 * 60)), (Span(0, 24 * 60),), (Span(23 * 60, 24 * 60),))
)
weeks = st.lists(spans, min_size=7, max_size=7).map(lambda week: Hours("UTC", tuple(week)))
minutes = st.integers(4, 600).map(lambda count: count * 4 * MINUTE)
policies = st.builds(
    lambda hours, first, following, resolution, news: Policy(
        teams={"care": Team(id="care", name=NAME, hours=hours)},
        promises={"normal": Promise(first, following, resolution)},
        news_ms=tuple(news),
        at_closing="callback",
    ),
    st.just(ALWAYS) | weeks,
    st.none() | minutes,
    st.none() | minutes,
    st.none() | minutes,
    st.lists(st.integers(1, 30).map(lambda count: count * MINUTE), max_size=3),
)
times = st.integers(0, 5 * 24 * 60).map(lambda minute: MONDAY + minute * MINUTE)


def asked_for(at: int) -> Handoff:
    about = {"id": "h", "conversation_id": "c", "case_id": None, "reason": "other", "evidence": {}}
    return Handoff(**about, rules_version="1", status="queued", requested_at=at, queued_at=at)


def is_open(hours: Hours, at: int) -> bool:
    minute, weekday = at % DAY // MINUTE, (at - MONDAY) // DAY % 7
    return any(span.opens <= minute < span.closes for span in hours.week[weekday])


def after(hours: Hours, at: int, ms: int) -> int:
    """Minute by minute."""
    while ms > 0:
        ms -= MINUTE if is_open(hours, at) else 0
        at += MINUTE
    return at


@given(policies, times, st.booleans())
def test_whoever_looks_when_it_says_so_tells_each_promise_once_and_on_the_minute(
    policy: Policy, at: int, answered: bool
) -> None:
    handoff = replace(asked_for(at), status="assigned", queued_at=None)
    if answered:
        handoff = replace(handoff, first_reply_at=at, waiting_since=at + MINUTE)
    promise, hours = policy.promise("normal"), policy.team(None).hours
    clocks = (
        ("first_reply", promise.first_reply_ms, None if answered else at),
        ("next_reply", promise.next_reply_ms, at + MINUTE if answered else None),
        ("resolution", promise.resolution_ms, at),
    )
    expected = {
        (state, name): after(hours, since, part)
        for name, ms, since in clocks
        if ms is not None and since is not None
        for state, part in (("warned", ms * 3 // 4), ("broken", ms))
    }
    told: dict[tuple[str, str], int] = {}
    handoff = settled(handoff, policy)
    while handoff.look_at is not None:
        looked_at = handoff.look_at
        handoff, states = to_tell(handoff, policy, looked_at)
        handoff = settled(handoff, policy)
        assert states and (handoff.look_at is None or handoff.look_at > looked_at), "looked at for nothing"
        for state, one in states:
            assert (state, one.name) not in told
            told[state, one.name] = looked_at
    for key, moment in expected.items():
        if key in told:
            assert told[key] == moment
        else:  # it was warned of and broken in one closed night
            assert key[0] == "warned" and told["broken", key[1]] == moment


@given(policies, times)
def test_who_looks_too_late_tells_what_is_broken_and_warns_of_nothing_any_more(policy: Policy, at: int) -> None:
    handoff, told = to_tell(settled(asked_for(at), policy), policy, at + 60 * DAY)
    assert {state for state, _ in told} <= {"broken"}
    assert to_tell(handoff, policy, at + 61 * DAY)[1] == []


@given(policies, times, st.integers(1, 40))
def test_news_come_at_their_pauses_while_the_team_is_there(policy: Policy, at: int, count: int) -> None:
    handoff, heard = asked_for(at), [at]
    hours = policy.team(None).hours
    if not policy.news_ms:
        assert news_at(handoff, policy) is None
        return
    for _ in range(count):
        moment = news_at(handoff, policy)
        assert moment is not None and moment > heard[-1] and is_open(hours, moment)
        handoff = replace(handoff, news_at=moment)
        heard.append(moment)
    if hours is ALWAYS:
        pauses = [later - earlier for earlier, later in pairwise(heard)]
        expected = [*policy.news_ms, *[policy.news_ms[-1]] * count][:count]
        assert pauses == expected
    assert news_at(replace(handoff, callback=True), policy) is None


@given(policies, times)
def test_those_who_wait_are_looked_at_when_the_team_closes(policy: Policy, at: int) -> None:
    hours, moment = policy.team(None).hours, closes_at(asked_for(at), policy)
    if hours.never_close:
        assert moment is None
    elif not is_open(hours, at):
        assert moment == at
    elif moment is not None:
        assert not is_open(hours, moment)
        assert all(is_open(hours, minute) for minute in range(at, moment, MINUTE))
    assert closes_at(asked_for(at), replace(policy, at_closing="wait")) is None


def test_the_expected_wait_is_known_from_six_on_and_never_too_short() -> None:
    taken = [count * 4 * MINUTE for count in range(6)]
    assert expected_wait_ms(taken[:5], 1) is None
    assert expected_wait_ms(taken, 1) == 4 * MINUTE and expected_wait_ms(taken[::-1], 3) == 12 * MINUTE
    assert (told_minutes(4 * MINUTE), told_minutes(12 * MINUTE), told_minutes(61 * MINUTE)) == (5, 15, None)
    assert told_minutes(0) == 1
