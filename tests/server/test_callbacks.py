"""Nobody can be reached: the wish is kept, told with its key, and joins the queue at its head when somebody can be."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from conftest import on_each_database, spoken
from moments import START, Moments, moments

from handoff_server import tables as t
from handoff_server.hours import Hours, Span
from handoff_server.refusal import Refusal
from handoff_server.service import callbacks, cases, desk, handoffs, turns
from handoff_server.teams import PLAIN, Team

pytestmark = pytest.mark.asyncio
HOUR = 3_600_000
DAY = 24 * HOUR
# START is a Wednesday, 06:13 in Bogota: the office opens at eight.
OFFICE = Hours("America/Bogota", ((Span(8 * 60, 19 * 60),),) * 5 + ((),) * 2)
OPENS = START + int(1.77 * HOUR)
TEAM = Team(id="care", name={"es": "Atención", "en": "Care"}, hours=OFFICE)
POLICY = replace(PLAIN, teams={"care": TEAM}, nobody_online="callback", case_silent_ms=DAY, case_reopen_ms=72 * HOUR)
DECISION = {
    "action": "handoff",
    "reason": "sensitive_topic",
    "evidence": {
        "rule": "wrong_charge",
        "rule_version": "3",
        "values": {},
        "text": "me cobraron dos veces",
        "routing": {"priority": "high", "team": None, "skill": None},
    },
    "rules_version": "3",
}


@pytest_asyncio.fixture
async def one(database: str) -> AsyncIterator[Moments]:
    async with moments(database, POLICY) as opened:
        await opened.says("me cobraron dos veces", "payment_issue", "Ahora no hay nadie.", decision=DECISION)
        yield opened


async def sweep(one: Moments) -> None:
    for callback_id in await one.store.read(callbacks.due, one.at, one.policy):
        await one.run(callbacks.join_queue_if_due, callback_id)


async def confirm(one: Moments, contact: str | None, **more: Any) -> Any:
    """The customer's last word in the form: the assistant posts, then speaks."""
    await one.writes("sí")
    begun = await one.begins()
    answer = await one.asks(callbacks.request, contact=contact, **more)
    about = {"intent": {"name": "affirm", "confidence": 0.9}}
    await one.run(turns.finish, begun.turn_id, spoken(begun.request, "Listo.", **about))
    return answer


async def rows(one: Moments) -> list[Any]:
    return await one.rows(sa.select(t.callbacks).order_by(t.callbacks.c.created_at))


async def handoff(one: Moments) -> Any:
    return (await one.rows(sa.select(t.handoffs).order_by(t.handoffs.c.requested_at)))[-1]


async def test_it_is_told_with_the_key_and_the_next_opening(one: Moments) -> None:
    answer = await confirm(one, "elena@example.com")
    case = (await one.cases())[0]
    assert answer["status"] == "taken" and answer["key"] == case["tracking_key"]
    assert OFFICE.opens_at(one.at) == answer["due_at"] and abs(answer["due_at"] - OPENS) < 10 * 60_000
    assert answer["time_zone"] == "America/Bogota"
    assert await one.events("callback.requested") == [{"due_at": answer["due_at"], "key": answer["key"]}]


@on_each_database
async def test_at_the_opening_it_joins_the_queue_with_what_was_asked_and_since_when(one: Moments) -> None:
    marta = await one.agent()
    asked_at, answer = one.at, await confirm(one, "elena@example.com")
    await sweep(one)
    assert (await one.owner())["owner"] == "bot"
    one.at = answer["due_at"]
    await one.online(marta)
    await sweep(one)
    opened = await handoff(one)
    assert (opened["status"], opened["callback"], opened["priority"]) == ("queued", True, "high")
    assert (opened["reason"], opened["evidence"]["rule"]) == ("sensitive_topic", "wrong_charge")
    assert opened["requested_at"] == asked_at and opened["collected"]["contact"] == "elena@example.com"
    assert "tal como quedamos" in (await one.lines())[-1] and answer["key"] in (await one.lines())[-1]
    assert len(await one.events("callback.due")) == 1
    await sweep(one)
    assert len(await one.events("handoff.requested")) == 1, "once"
    await one.run(desk.claim, marta, one.conversation, (await one.owner())["epoch"])
    assert "Marta" in (await one.lines())[-1], "the customer hears who has come"


async def test_while_nobody_is_online_it_is_looked_at_again_until_somebody_is(one: Moments) -> None:
    marta = await one.agent()
    one.at = OFFICE.opens_at(one.at) or 0
    answer = await confirm(one, None)
    for _ in range(3):
        one.later(callbacks.LOOK_AGAIN_MS)
        await sweep(one)
        assert (await one.owner())["owner"] == "bot" and (await rows(one))[0]["due_at"] == one.at + 15_000
    await one.online(marta)
    one.later(callbacks.LOOK_AGAIN_MS)
    await sweep(one)
    assert (await one.owner())["owner"] == "queue" and answer["due_at"] < one.at
    assert "contact" not in (await handoff(one))["collected"], "here, in the conversation"


async def test_a_second_wish_corrects_the_contact(one: Moments) -> None:
    first = await confirm(one, "elena@example.com")
    second = await confirm(one, "+57 300 123 4567")
    assert first["due_at"] == second["due_at"] and first["key"] == second["key"]
    assert [row["contact"] for row in await rows(one)] == ["+57 300 123 4567"]


async def test_the_same_turn_asks_once(one: Moments) -> None:
    await one.writes("sí")
    await one.begins()
    answers = [await one.asks(callbacks.request, contact="elena@example.com") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(await rows(one)) == len(await one.events("callback.requested")) == 1


async def test_a_turn_that_is_over_promises_nothing(one: Moments) -> None:
    with pytest.raises(Refusal, match="stale_turn"):
        await one.asks(callbacks.request, contact="elena@example.com")
    assert await rows(one) == []


async def test_the_customer_may_take_the_wish_back(one: Moments) -> None:
    await confirm(one, None)
    assert (await confirm(one, None, cancel=True))["status"] == "cancelled"
    assert (await confirm(one, None, cancel=True))["status"] == "none"
    one.later(5 * DAY)
    await sweep(one)
    assert (await one.owner())["owner"] == "bot" and len(await one.events("callback.cancelled")) == 1


@pytest.mark.parametrize("how", ["solved", "served"])
async def test_nobody_is_called_about_what_is_over(one: Moments, how: str) -> None:
    marta = await one.agent()
    await confirm(one, None)
    if how == "solved":
        await one.says("sí, ya quedó", "affirm", case="solved")
    else:
        await one.run(desk.take_over, marta, one.conversation, (await one.owner())["epoch"])
        await one.run(desk.resolve, marta, one.conversation, (await one.owner())["epoch"], "solved", None)
    one.at = (OFFICE.opens_at(one.at) or 0) + HOUR
    await one.online(marta)
    await sweep(one)
    assert (await one.owner())["owner"] == "bot" and (await rows(one))[0]["due_at"] is None


async def test_a_promised_call_keeps_the_case_open_through_a_silent_weekend(one: Moments) -> None:
    await confirm(one, None)
    one.later(2 * DAY)
    assert await one.store.read(cases.silent, one.at, one.policy) == []
    assert [case["closed_at"] for case in await one.cases()] == [None]


async def test_a_handoff_that_nobody_came_to_gives_the_call_its_reason_and_its_time(one: Moments) -> None:
    fresh = replace(await one.run(_fresh), requested_at=one.at - HOUR)

    def expired(tx: Any) -> None:
        conversation = tx.conversation(one.conversation)
        handoffs.open_handoff(tx, conversation, fresh, TEAM)
        moved = tx.conversation(one.conversation)
        tx.save_handoff(replace(tx.handoff(fresh.id), status="expired", ended_at=tx.at))
        tx.save(replace(moved, owner="bot", epoch=moved.epoch + 1))
        callbacks.take(tx, tx.conversation(one.conversation), None)

    await one.run(expired)
    asked = (await rows(one))[0]["asked"]
    assert (asked["reason"], asked["at"]) == ("complex_request", one.at - HOUR)


def _fresh(tx: Any) -> Any:
    conversation = next(iter(tx.messages(t.messages.c.direction == "incoming")))
    evidence = {"rule": "several_needs", "rule_version": "3", "values": {}, "message_id": None, "text": None}
    about = tx.conversation(conversation.conversation_id)
    return handoffs.fresh_handoff(tx, about, "complex_request", evidence, None, "3")
