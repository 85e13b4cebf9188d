"""Who is served next and who is asked to: rules of the queue, against the plainest way to say them."""

from hypothesis import given
from hypothesis import strategies as st

from handoff_server.routing import Person, Waiting, Wanted, belongs, choose, fitting, free, is_hard, places, queue_order
from handoff_server.teams import PLAIN, PRIORITIES, Policy, Team

NAMED = {"es": "Equipo", "en": "Team"}
POLICY = Policy(
    default_team="care", teams={one: Team(id=one, name=NAMED) for one in ("care", "sales")}, hard=("sensitive_topic",)
)
some = st.lists(st.sampled_from(("a", "b")), max_size=2, unique=True)
waiting = st.lists(
    st.builds(
        Waiting,
        handoff_id=st.uuids().map(str),
        conversation_id=st.uuids().map(str),
        requested_at=st.integers(0, 5),
        priority=st.sampled_from(PRIORITIES),
        callback=st.booleans(),
        team=st.sampled_from(("care", "sales")),
        hurries=st.booleans(),
    ),
    max_size=12,
)
people = st.lists(
    st.builds(
        Person,
        id=st.sampled_from("pqrstu"),
        skills=some,
        languages=st.lists(st.sampled_from(("es", "en")), max_size=2, unique=True),
        capacity=st.integers(0, 3),
        load=st.integers(0, 3),
        is_asked=st.booleans(),
        assigned_at=st.integers(0, 3),
        hard_run=st.integers(0, 3),
    ),
    max_size=6,
    unique_by=lambda one: one.id,
)
wishes = st.builds(
    Wanted,
    language=st.sampled_from(("es", "en")),
    skill=st.sampled_from((None, "a", "b")),
    hard=st.booleans(),
    last_agent=st.sampled_from((None, "p", "q")),
    passed=st.lists(st.sampled_from("pqrstu"), max_size=3),
)


@given(waiting)
def test_the_order_is_urgent_then_callbacks_then_priority_then_window_then_time(queue: list[Waiting]) -> None:
    groups = (
        lambda one: one.priority == "urgent",
        lambda one: one.callback,
        lambda one: one.priority == "high",
        lambda one: one.priority == "normal",
        lambda one: one.priority == "low",
    )
    left, expected = list(queue), []
    for belongs_to in groups:
        group = [one for one in left if belongs_to(one)]
        left = [one for one in left if one not in group]
        expected += sorted(group, key=lambda one: (not one.hurries, one.requested_at, one.handoff_id))
    assert queue_order(queue) == expected


@given(waiting)
def test_places_count_within_the_team(queue: list[Waiting]) -> None:
    place = places(queue)
    for team in ("care", "sales"):
        mine = [place[one.conversation_id] for one in queue_order(queue) if one.team == team]
        assert mine == list(range(1, len(mine) + 1))


@given(wishes, people)
def test_who_is_asked_may_be_asked_and_nobody_better_is_free(wanted: Wanted, online: list[Person]) -> None:
    asked = choose(wanted, free(fitting(wanted, online)))
    speaks = [one for one in online if one.capacity and (not one.languages or wanted.language in one.languages)]
    skilled = [one for one in speaks if wanted.skill in one.skills]
    able = skilled or speaks
    rested = [one for one in able if one.hard_run < 2]
    able = rested if wanted.hard and rested else able
    able = [one for one in able if one.load < one.capacity and not one.is_asked and one.id not in wanted.passed]
    assert (asked is None) == (able == [])
    if asked is None:
        return
    assert asked in able
    if wanted.last_agent in [one.id for one in able]:
        assert asked.id == wanted.last_agent
        return
    share = {one.id: one.load / one.capacity for one in able}
    assert share[asked.id] == min(share.values())
    assert asked.assigned_at == min(one.assigned_at for one in able if share[one.id] == share[asked.id])


@given(st.lists(st.integers(0, 2), min_size=2, max_size=3), st.lists(st.booleans(), max_size=20))
def test_nobody_gets_a_third_hard_one_in_a_row_while_somebody_else_is_there(runs: list[int], hard: list[bool]) -> None:
    """One by one, each served before the next comes."""
    online = {str(who): Person(id=str(who), capacity=1, hard_run=run) for who, run in enumerate(runs)}
    for at, is_it in enumerate(hard):
        could_rest = any(one.hard_run < 2 for one in online.values())
        asked = choose(
            Wanted(language="es", hard=is_it), free(fitting(Wanted(language="es", hard=is_it), [*online.values()]))
        )
        assert asked is not None, "somebody is always asked"
        assert not (is_it and could_rest) or asked.hard_run < 2
        run = asked.hard_run + 1 if is_it else 0
        online[asked.id] = Person(id=asked.id, capacity=1, hard_run=run, assigned_at=at + 1)


def test_the_skill_is_a_must_only_while_somebody_there_has_it() -> None:
    skilled, other = Person(id="p", skills=["fraud"], capacity=1, load=1), Person(id="q", capacity=1)
    wanted = Wanted(language="es", skill="fraud")
    assert choose(wanted, free(fitting(wanted, [skilled, other]))) is None
    assert choose(wanted, free(fitting(wanted, [other]))) == other


def test_who_is_in_no_team_that_exists_is_in_the_default_one() -> None:
    assert belongs([], "care", POLICY) and not belongs([], "sales", POLICY)
    assert belongs(["gone"], "care", POLICY)
    assert belongs(["gone", "sales"], "sales", POLICY) and not belongs(["gone", "sales"], "care", POLICY)


def test_what_is_hard() -> None:
    assert is_hard("sensitive_topic", "low", POLICY) and not is_hard("sensitive_topic", "high", PLAIN)
    assert is_hard("negative_sentiment", "normal", PLAIN) and is_hard("other", "urgent", PLAIN)
    assert not is_hard("customer_request", "high", POLICY)
