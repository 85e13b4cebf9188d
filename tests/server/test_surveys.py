"""The customer's own judgement: asked after a resolution only, kept answer by answer, counted truthfully."""

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import on_each_database, spoken
from moments import Moments, moments

from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.service import desk, intake, sends, surveys, turns
from handoff_server.teams import PLAIN, Survey

pytestmark = pytest.mark.asyncio
HOUR = 3_600_000
POLICY = replace(
    PLAIN, case_reopen_ms=72 * HOUR, survey=Survey(("human", "bot"), open_ms=48 * HOUR, pause_ms=7 * 24 * HOUR)
)


async def rows(one: Moments) -> list[Any]:
    return await one.rows(sa.select(t.surveys).order_by(t.surveys.c.asked_at))


async def resolved(one: Moments, disposition: str = "solved") -> None:
    marta = await one.agent(f"Marta {one.at}")
    await one.writes("agente")
    claimed = await one.run(desk.claim, marta, one.conversation, (await one.owner())["epoch"])
    await one.run(desk.resolve, marta, one.conversation, claimed.epoch, disposition, None)


async def asked(one: Moments) -> Any:
    """The bot takes up the hub's event and asks; the turn's request."""
    return await one.answers("handoff_resolved", "¿Cómo te fue?", form="survey_form")


async def answered(one: Moments, **given: Any) -> Any:
    await one.writes("…")
    begun = await one.begins()
    about = {"intent": {"name": "nlu_fallback", "confidence": 0.3}, "skill": {"name": "survey", "outcome": "answered"}}
    try:
        return await one.asks(surveys.answer, **{"survey_id": None} | given)
    finally:
        await one.run(turns.finish, begun.turn_id, spoken(begun.request, "Gracias.", **about))


@on_each_database
async def test_after_an_agent_resolves_the_bot_is_told_to_ask(database: str) -> None:
    async with moments(database, POLICY) as one:
        await one.says("mi pedido", "order_status")
        assert await rows(one) == [], "never before"
        await resolved(one)
        request = await asked(one)
        survey = (await rows(one))[0]
        event, _, slots = request["payload"].partition("{")
        assert (event, json.loads("{" + slots)) == ("/handoff_resolved", {"survey": survey["id"], "by": "human"})
        assert request["seed"]["settled"]["outcome"] == "resolved"
        assert request["seed"]["survey"] == {"id": survey["id"], "asks": "csat"}
        assert (await one.lines())[-1] == "¿Cómo te fue?"
        assert await one.events("survey.asked") == [{"survey_id": survey["id"], "by": "human"}]
        told = await one.rows(sa.select(t.events).where(t.events.c.name == "survey.asked"))
        assert told[0]["case_id"] == survey["case_id"] and told[0]["handoff_id"] == survey["handoff_id"]


async def test_after_the_customers_yes_the_bots_work_is_judged(database: str) -> None:
    async with moments(database, POLICY) as one:
        await one.says("mi pedido", "order_status")
        await one.says("sí", "affirm", case="solved")
        await asked(one)
        assert [row["handoff_id"] for row in await rows(one)] == [None]
        assert [data["by"] for data in await one.events("survey.asked")] == ["bot"]


@pytest.mark.parametrize(
    ("policy", "disposition"),
    [(POLICY, "spam"), (PLAIN, "solved"), (replace(POLICY, survey=Survey(("bot",))), "solved")],
)
async def test_nobody_is_asked_whom_the_policy_spares(database: str, policy: Any, disposition: str) -> None:
    async with moments(database, policy) as one:
        await resolved(one, disposition)
        assert await one.begins() is None and await rows(one) == []


async def test_nobody_is_asked_again_too_soon(database: str) -> None:
    async with moments(database, POLICY) as one:
        for later in (0, 6 * 24 * HOUR, 24 * HOUR + 1):
            one.later(later)
            await resolved(one)
            if await rows(one) and (await rows(one))[-1]["asked_at"] == one.at:
                await asked(one)
        assert len(await rows(one)) == len(await one.events("survey.asked")) == 2


@pytest.mark.parametrize("what", ["the customer writes first", "a person steps in", "the assistant fails"])
async def test_a_survey_that_was_not_asked_does_not_count(database: str, what: str) -> None:
    async with moments(database, POLICY) as one:
        await resolved(one)
        if what == "the customer writes first":
            await one.writes("otra cosa")
            assert (await one.begins()).request["text"] == "otra cosa"
        elif what == "a person steps in":
            jorge = await one.agent("Jorge")
            await one.run(desk.take_over, jorge, one.conversation, (await one.owner())["epoch"])
            assert await one.begins() is None
        else:
            await one.run(turns.fail, (await one.begins()).turn_id, "late")
            assert (await one.owner())["owner"] == "bot", "the customer had asked nothing, so nobody is called"
        assert await rows(one) == [] and await one.events("survey.asked") == []


async def test_each_answer_is_kept_at_once_and_opens_no_case(database: str) -> None:
    async with moments(database, POLICY) as one:
        await resolved(one)
        await asked(one)
        assert await answered(one, csat=4) == {"version": 1, "status": "kept"}
        assert [(row["csat"], row["nps"], row["comment"]) for row in await rows(one)] == [(4, None, None)]
        await answered(one, nps=10)
        await answered(one, comment="todo bien, mi tarjeta 4111 1111 1111 1111 también")
        kept = (await rows(one))[0]
        assert (kept["csat"], kept["nps"]) == (4, 10) and "4111 1111" not in kept["comment"]
        assert kept["answered_at"] is not None
        assert [next(iter(data.keys() - {"survey_id"})) for data in await one.events("survey.answered")] == [
            "csat",
            "nps",
            "comment",
        ]
        assert len(await one.cases()) == 1 and (await one.owner())["case_id"] is None


async def test_the_later_answer_counts_and_the_event_tells_both(database: str) -> None:
    async with moments(database, POLICY) as one:
        await resolved(one)
        await asked(one)
        for csat in (2, 5, 5):
            await answered(one, csat=csat)
        assert (await rows(one))[0]["csat"] == 5
        told = [{name: one[name] for name in one if name != "survey_id"} for one in await one.events("survey.answered")]
        assert told == [{"csat": 2}, {"csat": 5, "before": {"csat": 2}}]


async def test_an_answer_two_days_later_is_too_late_and_said_so(database: str) -> None:
    async with moments(database, POLICY) as one:
        await resolved(one)
        await asked(one)
        one.later(48 * HOUR)
        assert (await answered(one, csat=4))["status"] == "kept", "in time to the last moment"
        one.later(1)
        assert (await answered(one, csat=1))["status"] == "closed"
        assert (await rows(one))[0]["csat"] == 4 and len(await one.events("survey.answered")) == 1


async def test_a_new_stretch_of_the_bot_knows_what_hangs_in_the_air(database: str) -> None:
    async with moments(database, POLICY) as one:
        await resolved(one)
        await asked(one)
        await answered(one, csat=4)
        one.later(7 * HOUR)
        request = await one.says("9", "nlu_fallback")
        assert request["seed"]["survey"] == {"id": (await rows(one))[0]["id"], "asks": "nps"}


async def test_somebody_elses_survey_cannot_be_answered(database: str) -> None:
    async with moments(database, POLICY) as one:
        with pytest.raises(Refusal, match="unknown_survey"):
            await answered(one, csat=1, survey_id="s-of-somebody")


async def test_nobody_is_called_because_a_survey_did_not_arrive(database: str) -> None:
    async with moments(database, POLICY) as one:
        arrival = intake.Arrival("whatsapp", "1", "57300", "Ana", "wamid.1", "agente")
        one.conversation = (await one.run(intake.arrive, arrival, 0)).conversation_id
        marta = await one.agent()
        claimed = await one.run(desk.claim, marta, one.conversation, (await one.owner())["epoch"])
        await one.run(desk.resolve, marta, one.conversation, claimed.epoch, "solved", None)
        await asked(one)
        m = t.messages.c
        question = (await one.rows(sa.select(t.messages).where(m.author == "bot").order_by(m.id.desc())))[0]
        await one.run(sends.give_up, 0, question["id"], "whatsapp:131047")
        assert (await one.rows(sa.select(t.messages).where(m.id == question["id"])))[0]["delivery"] == "failed"
        assert (await one.owner())["owner"] == "bot" and len(await one.events("handoff.requested")) == 1
