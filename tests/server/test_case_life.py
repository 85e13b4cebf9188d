"""How a case opens, closes and is opened again, in time and by what is understood."""

import re
from dataclasses import replace
from typing import Any

import pytest
from conftest import on_each_database, spoken
from hypothesis import given
from hypothesis import strategies as st
from moments import moments

from handoff_server.case import Case
from handoff_server.service import calls, cases, desk, intake
from handoff_server.teams import PLAIN

HOUR = 3_600_000
POLICY = replace(PLAIN, case_silent_ms=24 * HOUR, case_reopen_ms=72 * HOUR)


async def sweep(one: Any) -> None:
    for conversation_id in await one.store.read(cases.silent, one.at, one.policy):
        await one.run(cases.close_silent, conversation_id)


@pytest.mark.asyncio
async def test_the_first_message_opens_a_case_whose_topic_is_the_first_need(database: str) -> None:
    async with moments(database, POLICY) as one:
        await one.says("hola", "greet")
        assert await one.outcomes() == [(None, None, 0)]
        await one.says("mi pedido", "order_status")
        await one.says("¿y una factura?", "billing_invoice")
        assert await one.outcomes() == [("order_status", None, 0)]
        key = (await one.cases())[0]["tracking_key"]
        assert re.fullmatch("[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", key)


@pytest.mark.asyncio
async def test_the_need_of_a_form_is_its_skill_whatever_the_answer_sounds_like(database: str) -> None:
    async with moments(database, POLICY) as one:
        await one.says("RX-4821", "nlu_fallback", form="return_exchange_form")
        await one.says("me quedó chica", "product_info", form="return_exchange_form")
        assert await one.outcomes() == [("return_exchange", None, 0)]


@pytest.mark.asyncio
async def test_courtesy_after_a_case_opens_nothing(database: str) -> None:
    async with moments(database, POLICY) as one:
        await one.says("mi pedido", "order_status")
        await one.says("sí", "affirm", case="solved")
        for text, intent in (("gracias", "thanks"), ("chao", "goodbye"), ("👍", "wordless"), ("mmm", "nlu_fallback")):
            await one.says(text, intent)
        one.later(200 * HOUR)
        await one.says("hola", "greet")
        assert await one.outcomes() == [("order_status", "confirmed", 0)]


@pytest.mark.parametrize(
    ("after_h", "intent", "more", "expected"),
    [
        (1, "order_status", {}, [("order_status", None, 1)]),
        (71, "complaint", {}, [("order_status", None, 1)]),
        (71, "human_handoff", {}, [("order_status", None, 1)]),
        (1, "deny", {"case": "unsolved"}, [("order_status", None, 1)]),
        (1, "refund", {}, [("order_status", "confirmed", 0), ("refund", None, 0)]),
        (73, "order_status", {}, [("order_status", "confirmed", 0), ("order_status", None, 0)]),
        (73, "complaint", {}, [("order_status", "confirmed", 0), (None, None, 0)]),
    ],
)
@pytest.mark.asyncio
async def test_what_comes_after_a_case_decides_by_its_matter_and_the_time(
    database: str, after_h: int, intent: str, more: dict[str, Any], expected: list[Any]
) -> None:
    async with moments(database, POLICY) as one:
        await one.says("mi pedido", "order_status")
        await one.says("sí", "affirm", case="solved")
        one.later(after_h * HOUR)
        await one.says("otra vez", intent, **more)
        assert await one.outcomes() == expected
        opened = (await one.owner())["case_id"]
        assert opened == (await one.cases())[-1]["id"]
        assert [data["count"] for data in await one.events("case.reopened")] == [expected[0][2]] * expected[0][2]


@pytest.mark.asyncio
async def test_the_words_that_opened_it_again_belong_to_it(database: str) -> None:
    async with moments(database, POLICY) as one:
        await one.says("mi pedido", "order_status")
        await one.says("sí", "affirm", case="solved")
        await one.says("no llegó", "order_status", words="Lo reviso.")
        log = await one.rows(cases.t.messages.select().order_by(cases.t.messages.c.id))
        assert {message["text"] for message in log if message["case_id"]} >= {"no llegó", "Lo reviso."}


@pytest.mark.parametrize("way", ["word", "control", "failure", "agent"])
@pytest.mark.asyncio
async def test_whoever_brings_a_person_opens_the_case_again(database: str, way: str) -> None:
    async with moments(database, POLICY) as one:
        marta = await one.agent()
        await one.says("mi pedido", "order_status")
        await one.says("sí", "affirm", case="solved")
        if way == "word":
            await one.writes("agente")
        elif way == "control":
            await one.run(intake.ask_human, one.conversation, "ask1", None)
        elif way == "failure":
            await one.writes("hola")
            begun = await one.begins()
            await one.run(calls.hand_over, await one.run(lambda tx: tx.conversation(one.conversation)), "late")
            assert begun
        else:
            await one.run(desk.take_over, marta, one.conversation, (await one.owner())["epoch"])
        assert await one.outcomes() == [("order_status", None, 1)]
        assert (await one.cases())[0]["handoff_id"] == (await one.owner())["handoff_id"]
        assert len(await one.events("case.opened")) == 1


@pytest.mark.asyncio
async def test_a_handoff_tells_the_customer_the_key(database: str) -> None:
    async with moments(database, POLICY) as one:
        marta = await one.agent()
        await one.writes("agente")
        key = (await one.cases())[0]["tracking_key"]
        assert (await one.lines())[-1].endswith(f"Tu número de caso es {key}.")
        conversation = await one.run(desk.claim, marta, one.conversation, (await one.owner())["epoch"])
        await one.run(desk.resolve, marta, one.conversation, conversation.epoch, "solved", None)
        assert f"Tu número de caso es {key}." in (await one.lines())[-1]
        assert await one.outcomes() == [(None, "resolved", 0)]


@on_each_database
@pytest.mark.asyncio
async def test_silence_closes_a_case_unconfirmed_but_not_one_that_people_have(database: str) -> None:
    async with moments(database, POLICY) as one:
        await one.says("mi pedido", "order_status")
        one.later(24 * HOUR - 1)
        await sweep(one)
        assert await one.outcomes() == [("order_status", None, 0)]
        await one.says("¿hola?", "greet")  # a word is no silence
        one.later(1)
        await sweep(one)
        assert await one.outcomes() == [("order_status", None, 0)]
        one.later(24 * HOUR)
        await sweep(one)
        assert await one.outcomes() == [("order_status", "unconfirmed", 0)]
        await one.writes("agente")
        one.later(100 * HOUR)
        await sweep(one)
        assert await one.outcomes() == [("order_status", None, 1)]


@pytest.mark.asyncio
async def test_who_writes_while_the_round_is_under_way_keeps_the_case(database: str) -> None:
    async with moments(database, POLICY) as one:
        await one.says("mi pedido", "order_status")
        one.later(25 * HOUR)
        assert await one.store.read(cases.silent, one.at, one.policy) == [one.conversation]
        await one.writes("sigo aquí")
        await one.run(cases.close_silent, one.conversation)
        assert await one.outcomes() == [("order_status", None, 0)]


@pytest.mark.asyncio
async def test_words_that_crossed_with_the_good_bye_are_decided_by_their_turn(database: str) -> None:
    async with moments(database, POLICY) as one:
        marta = await one.agent()
        await one.says("mi pedido", "order_status")
        await one.writes("agente")
        conversation = await one.run(desk.claim, marta, one.conversation, (await one.owner())["epoch"])
        await one.writes("gracias")
        await one.run(desk.resolve, marta, one.conversation, conversation.epoch, "solved", None)
        await one.answers("thanks")
        assert await one.outcomes() == [("order_status", "resolved", 0)]


# The decision against one that is told the other way round: by going through what may be true, in words.

INTENTS = ("greet", "thanks", "nlu_fallback", "order_status", "refund", "complaint", "human_handoff", "case_status")
FORMS = (None, "order_status_form", "refund_form", "survey_form", "callback_form")
SKILLS = (None, "order_status", "refund", "survey", "callback", "transcript")


def slow_answer(topic: str | None, age: int, intent: str, form: str | None, skill: str | None, case: str | None) -> str:
    subject = skill or (form[: -len("_form")] if form else None)
    if subject in ("survey", "callback", "transcript"):
        return "nothing"
    named = subject or (intent if intent in ("order_status", "refund") else None)
    displeased = intent in ("complaint", "human_handoff") or case == "unsolved"
    if not named and not displeased:
        return "nothing"
    if age >= 72 * HOUR:
        return "another"
    if displeased:
        return "again"
    return "again" if topic is not None and topic == named else "another"


@given(
    st.sampled_from((None, "order_status", "refund")),
    st.sampled_from((0, 72 * HOUR - 1, 72 * HOUR, 90 * HOUR)),
    st.sampled_from(INTENTS),
    st.sampled_from(FORMS),
    st.sampled_from(SKILLS),
    st.sampled_from((None, "solved", "unsolved")),
)
def test_the_decision_is_the_one_that_is_told_in_words(
    topic: str | None, age: int, intent: str, form: str | None, skill: str | None, case: str | None
) -> None:
    closed = Case(id="k1", conversation_id="c1", topic=topic, opened_at=0, closed_at=1_000, outcome="resolved")
    outcome = {"name": skill, "outcome": "told"} if skill else None
    more = {"intent": {"name": intent, "confidence": 0.9}, "form": form, "skill": outcome, "case": case}
    report = spoken({"turn_id": "t", "language": "es"}, **more)["report"]
    told = cases.what_follows(closed, report, 1_000 + age, 72 * HOUR)
    assert told == slow_answer(topic, age, intent, form, skill, case)
