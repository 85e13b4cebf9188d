"""A person is offered: the turn answers as always, then asks; the next message decides. On the real processes."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Assistant, Hub, texts

# Phrases of `beyond_the_skills` beside what the assistant can do: an offer that hangs on no classifier's mood.
BULK = "¿dónde está mi pedido? soy distribuidor"
BULK_ASIDE = "¿a qué hora abren? soy distribuidor"
ASKED = "¿Prefieres que lo vea una persona del equipo?"
STAY = '/deny{"offer": "declined"}'


def decided(answer: dict[str, Any]) -> tuple[str, str | None]:
    decision = answer["report"]["decision"]
    return decision["action"], (decision["evidence"] or {}).get("rule")


def offered(assistant: Assistant, sender: str) -> dict[str, Any]:
    answer = assistant.say(sender, BULK)
    assert decided(answer) == ("offer", "beyond_the_skills")
    return answer


def test_the_question_comes_last_and_the_form_stays_open(assistant: Assistant, sender: str) -> None:
    answer = offered(assistant, sender)
    assert [message["response"] for message in answer["messages"]] == [
        "utter_ask_order_number_first",
        "utter_offer_person",
    ]
    assert [button["payload"] for button in answer["messages"][-1]["buttons"]] == ["/human_handoff", STAY]
    assert answer["report"]["form"] == "order_status_form"


def test_in_english_too(assistant: Assistant, sender: str) -> None:
    answer = assistant.say(sender, "where is my order? I am a reseller", "en")
    assert texts(answer).endswith("Would you rather have a person from our team look at this?")


def test_an_offer_inside_a_form_follows_the_forms_own_words(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, "mi pedido RX-4821")
    answer = assistant.say(sender, BULK_ASIDE)
    names = [message["response"] for message in answer["messages"]]
    assert decided(answer)[0] == "offer" and names[-2:] == ["utter_ask_email_again", "utter_offer_person"]
    told = assistant.say(sender, "elena@example.com")
    assert told["report"]["skill"] == {"name": "order_status", "outcome": "found"}


def test_an_offer_outside_of_forms_follows_the_answer(assistant: Assistant, sender: str) -> None:
    answer = assistant.say(sender, BULK_ASIDE)
    assert [message["response"] for message in answer["messages"]][-1] == "utter_offer_person"
    assert len(answer["messages"]) == 2


@pytest.mark.parametrize("yes", ["sí, por favor", "/human_handoff"])
def test_a_yes_hands_over_for_the_reason_of_the_offer(assistant: Assistant, sender: str, hub: Hub, yes: str) -> None:
    offered(assistant, sender)
    answer = assistant.say(sender, yes)
    assert answer["messages"] == [] and answer["report"]["form"] is None
    handoff = hub.taken[-1]
    assert (handoff["sender"], handoff["reason"]) == (sender, "complex_request")
    assert handoff["evidence"]["values"]["offer"] == "accepted" and handoff["evidence"]["text"] == BULK


@pytest.mark.parametrize("no", ["no, gracias", STAY])
def test_a_no_goes_on_where_the_form_was(assistant: Assistant, sender: str, no: str) -> None:
    offered(assistant, sender)
    answer = assistant.say(sender, no)
    names = [message["response"] for message in answer["messages"]]
    assert names == ["utter_offer_declined", "utter_ask_order_number_again"]
    assert answer["report"]["form"] == "order_status_form"
    assert "correo" in texts(assistant.say(sender, "RX-4821"))


def asked_to_confirm(assistant: Assistant, sender: str) -> None:
    """A skill waits for its yes, and a person is offered beside that question."""
    assistant.say(sender, "quiero cancelar mi pedido RX-4822")
    assistant.say(sender, "tomas@example.com")
    answer = assistant.say(sender, "soy distribuidor")
    assert decided(answer) == ("offer", "beyond_the_skills")
    assert [message["response"] for message in answer["messages"]][-1] == "utter_cancel_order_confirm"
    assert [button["payload"] for button in answer["messages"][-1]["buttons"]] == ["/affirm", "/deny", "/human_handoff"]


def test_a_no_to_the_skills_own_question_beside_an_offer_changes_nothing(assistant: Assistant, sender: str) -> None:
    asked_to_confirm(assistant, sender)
    assert assistant.say(sender, "no")["report"]["skill"] == {"name": "cancel_order", "outcome": "declined"}


def test_a_person_beside_the_skills_own_question_comes_for_the_reason_of_the_offer(
    assistant: Assistant, sender: str, hub: Hub
) -> None:
    asked_to_confirm(assistant, sender)
    assert assistant.say(sender, "/human_handoff")["messages"] == []
    assert (hub.taken[-1]["sender"], hub.taken[-1]["reason"]) == (sender, "complex_request")


def test_after_two_failures_a_person_is_offered_and_after_three_called(
    assistant: Assistant, sender: str, hub: Hub
) -> None:
    said = [assistant.say(sender, text) for text in ("hjkl fghj", "zxcv bnm", "dfg dfg dfg")]
    assert [decided(answer) for answer in said] == [
        ("none", None),
        ("offer", "failing"),
        ("handoff", "repeated_failure"),
    ]
    assert said[1]["messages"][-1]["response"] == "utter_offer_person" and hub.taken[-1]["sender"] == sender


@pytest.mark.parametrize("denial", ["no quiero hablar con una persona", "I don't want to talk to an agent"])
def test_a_denied_wish_is_not_asked_back_and_is_no_yes_to_an_offer(
    assistant: Assistant, sender: str, denial: str
) -> None:
    for answer in (assistant.say(sender, denial), offered(assistant, sender) and assistant.say(sender, denial)):
        assert answer["messages"][0]["response"] == "utter_offer_declined"
        assert decided(answer)[0] == "none" and ASKED not in texts(answer)


def test_a_no_outside_of_forms_is_one_kind_word(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, BULK_ASIDE)
    answer = assistant.say(sender, STAY)
    assert [message["response"] for message in answer["messages"]] == ["utter_offer_declined"]
    assert texts(assistant.say(sender, "hola"))


def test_whoever_does_not_answer_the_offer_is_answered_himself(assistant: Assistant, sender: str) -> None:
    offered(assistant, sender)
    assert "correo" in texts(assistant.say(sender, "es el RX-4821"))
    late = assistant.say(sender, "sí")
    assert decided(late)[0] == "none"


def test_a_case_is_asked_once(assistant: Assistant, sender: str) -> None:
    offered(assistant, sender)
    assistant.say(sender, "RX-4821")
    again = assistant.say(sender, BULK_ASIDE)
    assert decided(again)[0] == "none" and ASKED not in texts(again)


def test_the_next_case_is_asked_again(assistant: Assistant, sender: str) -> None:
    offered(assistant, sender)
    assistant.say(sender, "RX-4821")
    assistant.say(sender, "elena@example.com")
    assert assistant.say(sender, "gracias")["report"]["case"] == "solved"
    assert decided(assistant.say(sender, BULK_ASIDE))[0] == "offer"


@pytest.mark.parametrize("angry", ["qué asco de tienda, son unos inútiles", "you people are useless, what a joke"])
def test_anger_is_never_left_alone(assistant: Assistant, sender: str, hub: Hub, angry: str) -> None:
    assert decided(assistant.say(sender, angry))[0] in ("offer", "handoff")


def test_anger_after_a_failure_is_not_asked_but_handed_over(assistant: Assistant, sender: str, hub: Hub) -> None:
    assistant.say(sender, "hjkl fghj")
    assert decided(assistant.say(sender, "qué asco de tienda, son unos inútiles"))[0] == "handoff"
    assert hub.taken[-1]["sender"] == sender and hub.taken[-1]["evidence"]["routing"]["priority"] == "high"


def test_who_repeats_himself_gets_a_person(assistant: Assistant, sender: str) -> None:
    for text in ("¿a qué hora abren los domingos?", "pero a qué hora abren los domingos"):
        assert decided(assistant.say(sender, text))[0] == "none"
    assert decided(assistant.say(sender, "¿a qué hora abren el domingo?")) == ("handoff", "repeated_question")
