"""An agent asks the assistant beside a conversation: the real Rasa, on a tracker of the run's own."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import requests
from conftest import TOKEN, Assistant, Hub, schema, texts

ELENA = {"order_number": "RX-4821", "email": "elena@example.com"}


def run_of(sender: str) -> str:
    return f"{sender.partition('.')[0]}.ask.{uuid.uuid4().hex[:16]}"


def seed(language: str = "es", **slots: str) -> dict[str, Any]:
    return {"language": language, "customer": {"name": None}, "slots": slots, "settled": None}


@pytest.mark.parametrize(("language", "word"), [("es", "camino"), ("en", "on its way")])
def test_the_state_of_an_order_that_is_known_comes_at_once_and_nobody_is_asked_whether_it_is_solved(
    assistant: Assistant, sender: str, language: str, word: str
) -> None:
    answer = assistant.say(run_of(sender), "/order_status", language, seed=seed(language, **ELENA))
    assert "RX-4821" in texts(answer) and word in texts(answer)
    assert len(answer["messages"]) == 1 and answer["report"]["form"] is None
    assert answer["report"]["skill"] == {"name": "order_status", "outcome": "found"}


def test_what_is_missing_is_asked_of_the_agent_in_the_customers_language(assistant: Assistant, sender: str) -> None:
    run = run_of(sender)
    asked = assistant.say(run, "/order_status", "es", seed=seed("es", order_number="RX-4821"))
    assert asked["report"]["form"] == "order_status_form" and "correo" in texts(asked)
    told = assistant.say(run, "that would be elena@example.com I think", "es")
    assert "RX-4821" in texts(told) and "camino" in texts(told)
    assert told["report"]["language"] == "es"


def test_a_change_is_confirmed_first(assistant: Assistant, sender: str) -> None:
    run = run_of(sender)
    asked = assistant.say(run, "/cancel_order", seed=seed(order_number="RX-4822", email="tomas@example.com"))
    assert asked["report"]["form"] == "cancel_order_form" and "?" in texts(asked)
    assert asked["report"]["skill"] is None
    kept = assistant.say(run, "no")
    assert kept["report"]["skill"] == {"name": "cancel_order", "outcome": "declined"}


@pytest.mark.parametrize(
    "text", ["/human_handoff", "quiero hablar con una persona ya", "/transcript", "/ask_callback", "/handoff_expired"]
)
def test_nobody_is_called_and_nothing_reaches_the_customer(
    assistant: Assistant, hub: Hub, sender: str, text: str
) -> None:
    hub.calm()
    answer = assistant.say(run_of(sender), text, seed=seed())
    assert "la persona eres tú" in texts(answer)
    assert answer["report"]["form"] is None and answer["report"]["decision"]["action"] == "none"
    assert hub.taken == [] and hub.asked == []


def test_anger_and_a_valued_customer_call_nobody_either(assistant: Assistant, hub: Hub, sender: str) -> None:
    hub.calm()
    run = run_of(sender)
    for text in ("esto es una estafa, los voy a demandar", "son unos ladrones, pésimo servicio"):
        answer = assistant.say(run, text, seed=seed())
        assert answer["report"]["decision"]["action"] == "none"
    assert hub.taken == []


def test_wrong_pairs_are_limited_here_too(assistant: Assistant, hub: Hub, sender: str) -> None:
    hub.calm()
    run, source = run_of(sender), uuid.uuid4().hex * 2
    assistant.say(run, "/order_status", seed=seed(order_number="QM-1907"), source=source)
    for number in range(3):
        answer = assistant.say(run, f"nadie{number}@example.com", source=source)
    assert "no van juntos" in texts(answer) and hub.taken == []
    assert answer["report"]["form"] is None


def test_the_customers_own_tracker_is_as_it_was(assistant: Assistant, sender: str) -> None:
    before = assistant.say(sender, "quiero cancelar mi pedido")
    assert before["report"]["form"] == "cancel_order_form"
    run = run_of(sender)
    assistant.say(run, "/order_status", seed=seed(**ELENA))
    tracker = f"{assistant.url.partition('/webhooks')[0]}/conversations/{sender}/tracker?token={TOKEN}"
    here = requests.get(tracker, timeout=10).json()
    assert here["active_loop"]["name"] == "cancel_order_form"
    assert here["slots"]["order_number"] is None and here["slots"]["verified_order"] is None
    after = assistant.say(sender, "RX-4822")
    assert after["report"]["form"] == "cancel_order_form" and "correo" in texts(after)


def test_the_hub_is_told_which_skills_there_are(assistant: Assistant) -> None:
    url = f"{assistant.url.rpartition('/')[0]}/skills"
    told = requests.get(url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10).json()
    schema("skills_response").validate(told)
    skills = {one["name"]: one for one in told["skills"]}
    assert skills["order_status"]["needs"] == ["order_number", "email"] and skills["order_status"]["tells"]
    assert "confirmed" not in skills["cancel_order"]["needs"] and not skills["cancel_order"]["tells"]
    assert skills["store_info"]["title"] == {"es": "Horario y dirección", "en": "Hours and address"}
    assert requests.get(url, timeout=10).status_code == 401
