"""Who may speak: properties of the pure state machine, whatever happens in whatever order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff_server import conversations as rules
from handoff_server.conversations import Actor, Conversation, Handoff
from handoff_server.refusal import Refusal

MARTA, JORGE = Actor("agent", "a1", "Marta"), Actor("agent", "a2", "Jorge")
MOVES = ("request", "claim", "take_over", "release", "pass_on", "to_team", "resolve", "return", "cancel")


def fresh() -> Conversation:
    return Conversation(
        id="c1", customer_id="p1", channel="web", account="demo", external_id="x", language="es",
        last_message_id=4, created_at=0, updated_at=0,
    )  # fmt: skip


def handoff(number: int = 1) -> Handoff:
    return Handoff(
        id=f"h{number}", conversation_id="c1", case_id=None, status="queued", reason="customer_request", evidence={},
        rules_version=None, requested_at=number,
    )  # fmt: skip


def step(move: str, now: Conversation, open_one: Handoff | None, agent: Actor, role: str, at: int) -> rules.Step:
    new = replace(handoff(at), requested_at=at)
    if move == "request":
        return rules.request_handoff(now, new)
    if move == "claim":
        return rules.claim(now, open_one, agent, now.epoch, at)
    if move == "take_over":
        return rules.take_over(now, open_one, new, agent, role, now.epoch, at)
    if open_one is None:
        raise Refusal("not_owner", "no handoff")
    if move == "release":
        return rules.release(now, open_one, agent, now.epoch, at)
    if move in ("pass_on", "to_team"):
        to = "payments" if move == "to_team" else JORGE
        return rules.transfer(now, open_one, agent, role, now.epoch, at, to, "es de pagos")
    if move == "resolve":
        return rules.resolve(now, open_one, agent, now.epoch, at, "solved", None)
    if move == "return":
        return rules.return_to_bot(now, open_one, agent, now.epoch, at, "nota")
    return rules.cancel(now, open_one, at)


@given(
    st.lists(
        st.tuples(st.sampled_from(MOVES), st.sampled_from([MARTA, JORGE]), st.sampled_from(["agent", "supervisor"]))
    )
)
def test_one_voice_one_open_handoff_and_a_growing_epoch(story: list[tuple[str, Actor, str]]) -> None:
    now, open_one = fresh(), None
    for at, (move, agent, role) in enumerate(story, start=1):
        before, before_one = now, open_one
        try:
            made = step(move, now, open_one, agent, role, at)
        except Refusal:
            continue
        now = made.conversation
        open_one = made.handoff if made.handoff.status in rules.OPEN_STATUSES else None
        assert now.epoch == before.epoch + 1, "every change of owner has its own epoch"
        assert (now.owner == "bot") == (open_one is None), "people own exactly while a handoff is open"
        assert (now.owner == "agent") == (now.assignee_id is not None)
        assert made.handoff.assignee_id == (now.assignee_id or made.handoff.assignee_id)
        if open_one and before_one and open_one.id == before_one.id:
            assert open_one.requested_at == before_one.requested_at, "no clock starts anew on the way"
            assert before_one.assigned_at in (None, open_one.assigned_at)
        speakers = [
            (author, who)
            for author, who in (("bot", None), ("agent", "a1"), ("agent", "a2"))
            if rules.may_speak(now, author, who, now.epoch)  # type: ignore[arg-type]
        ]
        assert len(speakers) == (0 if now.owner == "queue" else 1)
        assert not rules.may_speak(now, "bot", None, before.epoch), "what was thought before is not said after"
        if now.owner == "bot":
            assert now.stretch == before.stretch + 1 and now.turned_id == now.last_message_id


def test_the_second_claim_loses() -> None:
    queued = rules.request_handoff(fresh(), handoff())
    taken = rules.claim(queued.conversation, queued.handoff, MARTA, queued.conversation.epoch, 9)
    with pytest.raises(Refusal, match="already_claimed"):
        rules.claim(taken.conversation, taken.handoff, JORGE, queued.conversation.epoch, 9)


def test_only_a_supervisor_takes_over_from_a_colleague() -> None:
    mine = rules.take_over(fresh(), None, handoff(), MARTA, "agent", 1, 5)
    with pytest.raises(Refusal, match="forbidden"):
        rules.take_over(mine.conversation, mine.handoff, handoff(2), JORGE, "agent", mine.conversation.epoch, 6)
    theirs = rules.take_over(
        mine.conversation, mine.handoff, handoff(2), JORGE, "supervisor", mine.conversation.epoch, 6
    )
    assert theirs.handoff.id == mine.handoff.id and theirs.conversation.assignee_id == "a2"


def test_a_released_conversation_keeps_its_place_in_the_queue() -> None:
    mine = rules.take_over(fresh(), None, handoff(), MARTA, "agent", 1, 5)
    back = rules.release(mine.conversation, mine.handoff, MARTA, mine.conversation.epoch, 7)
    assert back.handoff.status == "queued" and back.handoff.requested_at == mine.handoff.requested_at


def test_an_agent_passes_on_only_what_is_his_and_a_supervisor_anything_that_is_with_people() -> None:
    queued = rules.request_handoff(fresh(), handoff())
    waiting, open_one = queued.conversation, queued.handoff
    with pytest.raises(Refusal, match="not_owner"):
        rules.transfer(waiting, open_one, MARTA, "agent", waiting.epoch, 5, JORGE, "nota")
    given = rules.transfer(waiting, open_one, MARTA, "supervisor", waiting.epoch, 5, JORGE, "nota")
    assert (given.conversation.assignee_id, given.handoff.assigned_at) == ("a2", 5)
    with pytest.raises(Refusal, match="invalid_request"):
        rules.transfer(given.conversation, given.handoff, JORGE, "agent", given.conversation.epoch, 6, JORGE, "nota")
    with pytest.raises(Refusal, match="not_owner"):
        rules.transfer(fresh(), None, MARTA, "supervisor", 1, 5, JORGE, "nota")


def test_whoever_gives_it_up_is_not_asked_first_and_a_change_of_hands_wakes_it() -> None:
    mine = rules.take_over(fresh(), None, handoff(), MARTA, "agent", 1, 5)
    asleep = rules.snooze(mine.conversation, MARTA, mine.conversation.epoch, 99)
    with pytest.raises(Refusal, match="not_owner"):
        rules.snooze(mine.conversation, JORGE, mine.conversation.epoch, 99)
    back = rules.release(asleep, mine.handoff, MARTA, asleep.epoch, 7)
    assert back.handoff.passed == ["a1"] and back.handoff.queued_at == 7
    assert back.conversation.snoozed_until is None


def test_a_long_or_idle_stretch_ends_but_never_inside_a_form() -> None:
    busy = replace(fresh(), stretch_turns=rules.MAX_STRETCH_TURNS, stretch_at=0)
    assert rules.stretch_is_over(busy, 1)
    assert not rules.stretch_is_over(replace(busy, form="order_status_form"), 1)
    assert rules.stretch_is_over(replace(busy, form="order_status_form"), rules.STRETCH_IDLE_MS + 1)
    assert not rules.stretch_is_over(fresh(), 10**12)


def test_a_long_stretch_does_not_end_while_a_question_stands_but_twice_as_long_it_does() -> None:
    busy = replace(fresh(), stretch_turns=rules.MAX_STRETCH_TURNS, stretch_at=0)
    assert not rules.stretch_is_over(busy, 1, asked=True)
    assert rules.stretch_is_over(replace(busy, stretch_turns=2 * rules.MAX_STRETCH_TURNS), 1, asked=True)
    assert rules.stretch_is_over(busy, rules.STRETCH_IDLE_MS + 1, asked=True)
