"""What a message is to a survey, how a customer can be reached, and a number that comes long after the survey."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import Assistant, Hub

from actions.case_status import key_in
from actions.contact import contact_in, masked, phone_in
from actions.reading import Message
from actions.survey_answer import SKIP, Answer, answer_in
from actions.wording import ago, opening

CSAT, NPS, COMMENT = "survey_csat", "survey_nps", "survey_comment"


def typed(text: str, intent: str = "nlu_fallback", confidence: float = 0.9) -> Message:
    return Message(text, intent, confidence)


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        (CSAT, "4", 4),
        (CSAT, " 5! ", 5),
        (CSAT, "cinco", 5),
        (CSAT, "le doy un 3", 3),
        (CSAT, "4/5", 4),
        (CSAT, "four stars", 4),
        (CSAT, "I'd give it a 2", 2),
        (CSAT, "0", None),
        (CSAT, "6", None),
        (CSAT, "11", None),
        (CSAT, "pésimo", None),
        (CSAT, "excelente", None),
        (CSAT, "sí", None),
        (CSAT, "omitir", SKIP),
        (CSAT, "prefiero no responder", SKIP),
        (NPS, "0", 0),
        (NPS, "10", 10),
        (NPS, "un diez", 10),
        (NPS, "zero", 0),
        (NPS, "9 de 10", 9),
        (NPS, "11", None),
        (NPS, "100", None),
        (NPS, "skip", SKIP),
        (COMMENT, "todo perfecto, gracias Marta", "todo perfecto, gracias Marta"),
        (COMMENT, "no", SKIP),
        (COMMENT, "that's all", SKIP),
    ],
)
def test_an_answer_is_read_as_people_give_it(asked: str, text: str, value: Any) -> None:
    assert answer_in(typed(text), asked) == Answer(asked, value)


@pytest.mark.parametrize(
    ("asked", "message", "aside"),
    [
        (CSAT, typed("pésimo", "complaint"), False),
        (CSAT, typed("quiero poner una queja formal por el trato que recibí", "complaint"), True),
        (CSAT, typed("¿dónde está mi pedido?", "order_status"), True),
        (CSAT, typed("quiero una persona", "human_handoff"), True),
        (NPS, typed("sí claro", "affirm"), False),
        (COMMENT, typed("mi pedido llegó tarde", "order_status"), False),
        (COMMENT, typed("quiero cancelar el RX-4822", "cancel_order"), True),
        (COMMENT, typed("¿y mi reembolso?", "refund"), True),
        (COMMENT, typed("muy mal servicio", "complaint"), False),
    ],
)
def test_something_else_is_told_from_a_bad_answer(asked: str, message: Message, aside: bool) -> None:
    assert answer_in(message, asked).aside is aside


def test_a_button_of_the_survey_counts_whatever_is_asked() -> None:
    pressed = Message("", "rate", 1.0, {"csat": "2"})
    assert answer_in(pressed, NPS) == Answer(CSAT, 2)
    assert answer_in(Message("", "rate", 1.0, {"csat": "9"}), NPS) == Answer(CSAT, None)
    assert answer_in(Message("", "skip", 1.0), NPS) == Answer(NPS, SKIP)
    assert answer_in(Message("", "store_info", 1.0), NPS).aside


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("escríbanme a Elena@Example.com", "elena@example.com"),
        ("+57 300 123 4567", "+57 300 123 4567"),
        ("llámenme al (55) 1234-5678", "(55) 1234-5678"),
        ("aquí mismo", "here"),
        ("right here is fine", "here"),
        ("sí", "known"),
        ("¿aquí?", None),
        ("mi prima", None),
        ("123", None),
    ],
)
def test_a_contact_is_read_as_people_write_it(text: str, contact: str | None) -> None:
    assert contact_in(typed(text)) == contact


def test_what_is_proposed_shows_no_more_than_its_owner_needs() -> None:
    assert masked("elena@example.com") == "el***@example.com"
    assert masked("+57 300 123 4567") == "*** 4567"
    assert phone_in("mi pedido RX-4821 del 12/11") is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("¿en qué va mi caso k7qm-3xrd?", "K7QM-3XRD"),
        ("K7QM 3XRD", "K7QM-3XRD"),
        ("caso ABCD-EFGH", "ABCD-EFGH"),
        ("¿en qué va mi caso?", None),
        ("mi pedido RX-4821", None),
    ],
)
def test_a_key_is_found_however_it_is_written(text: str, key: str | None) -> None:
    assert key_in(text) == key


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def test_an_opening_is_told_by_the_clock_of_the_team_on_either_side_of_a_change_of_clocks() -> None:
    summer, winter = (
        ms(datetime(2100, 10, 29, 12, tzinfo=ZoneInfo("UTC"))),
        ms(datetime(2100, 11, 29, 13, tzinfo=ZoneInfo("UTC"))),
    )
    assert opening(summer, "America/New_York", "en").startswith("on Friday, October 29 from 8:00 AM (")
    assert opening(winter, "America/New_York", "es").startswith(
        "el lunes 29 de noviembre a partir de las 8:00 (hora de "
    )
    assert opening(None, "UTC", "es") == "en cuanto alguien del equipo esté en línea"
    assert opening(1_000, "UTC", "en") == "as soon as someone on the team is online"
    assert "hora UTC" in opening(winter, None, "es")


@pytest.mark.parametrize(
    ("passed", "es", "en"),
    [
        (0, "hace 1 minuto", "1 minute ago"),
        (7_200_000, "hace 2 horas", "2 hours ago"),
        (-5, "hace 1 minuto", "1 minute ago"),
    ],
)
def test_a_moment_is_told_by_how_long_it_is_ago(passed: int, es: str, en: str) -> None:
    assert (ago(10_000_000, 10_000_000 + passed, "es"), ago(10_000_000, 10_000_000 + passed, "en")) == (es, en)


@pytest.mark.parametrize(
    ("asks", "status", "said"), [("csat", "closed", "utter_survey_closed"), ("nps", "kept", "utter_survey_thanks")]
)
def test_a_number_that_is_typed_long_after_is_known_for_what_it_is(
    assistant: Assistant, sender: str, hub: Hub, asks: str, status: str, said: str
) -> None:
    hub.calm()
    hub.survey = status
    survey = {"id": "s1", "asks": asks}
    seed = {"language": "es", "customer": {"name": None}, "slots": {}, "settled": None, "survey": survey}
    answer = assistant.say(sender, "5", seed=seed)
    assert [message["response"] for message in answer["messages"]] == [said]
    assert [(body["survey_id"], body[asks]) for body in hub.asked] == [("s1", 5)]


def test_a_number_without_a_survey_is_no_answer_to_one(assistant: Assistant, sender: str, hub: Hub) -> None:
    hub.calm()
    answer = assistant.say(sender, "5")
    assert hub.asked == [] and answer["report"]["skill"] is None
