"""The real assistant, through the door that the hub uses. What is said in it is in test_conversations.py."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from conftest import TOKEN, Assistant, Hub, texts, turn

SEED: dict[str, Any] = {
    "language": "es",
    "customer": {"name": "Elena"},
    "slots": {"order_number": "RX-4821", "verified_order": "RX-4821"},
    "settled": {"outcome": "returned", "note": "Llega el viernes.", "agent_name": "Marta", "at": 1795466400000},
}


def test_a_request_for_a_person_is_given_to_the_hub_in_silence(assistant: Assistant, sender: str, hub: Hub) -> None:
    request = turn(sender, "Quiero hablar con una persona")
    answer = assistant.post(request).json()
    assert answer["messages"] == [] and answer["report"]["decision"]["reason"] == "customer_request"
    handoff = hub.taken[-1]
    assert (handoff["turn_id"], handoff["sender"]) == (request["turn_id"], sender)
    assert handoff["tracker"]["intents"][-1]["name"] == "human_handoff"


def test_a_request_inside_a_form_closes_it_and_gives_the_slot_back(assistant: Assistant, sender: str, hub: Hub) -> None:
    assistant.say(sender, "mi pedido RX-4821")
    answer = assistant.say(sender, "prefiero hablar con una persona")
    assert answer["messages"] == [] and answer["report"]["form"] is None
    assert answer["report"]["slots"] == {"order_number": "RX-4821"}
    assert hub.taken[-1]["sender"] == sender


def test_a_hub_that_is_closed_leaves_the_floor_and_a_call_back_is_offered(
    assistant: Assistant, sender: str, hub: Hub
) -> None:
    hub.status = "closed"
    try:
        answer = assistant.say(sender, "I want to talk to a person", "en")
    finally:
        hub.status = "queued"
    assert "Nobody on the team is online" in texts(answer) and answer["report"]["form"] == "callback_form"
    assert texts(assistant.say(sender, "what time do you open?", "en"))


def test_a_hub_that_does_not_answer_in_time_is_told_kindly(assistant: Assistant, sender: str, hub: Hub) -> None:
    hub.seconds = 4.0
    try:
        answer = assistant.say(sender, "Quiero hablar con una persona")
    finally:
        hub.seconds = 0.0
    assert "no logro comunicarte" in texts(answer)


def test_a_turn_over_its_deadline_is_an_error(assistant: Assistant, sender: str, hub: Hub) -> None:
    hub.seconds = 1.0
    try:
        answer = assistant.post(turn(sender, "Quiero hablar con una persona", deadline_ms=500))
    finally:
        hub.seconds = 0.0
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "deadline")


@pytest.mark.parametrize("text", ["no quiero hablar con una persona", "the agent told me my order would come today"])
def test_a_sentence_about_people_is_not_a_request(assistant: Assistant, sender: str, text: str) -> None:
    assert assistant.say(sender, text)["report"]["decision"]["action"] == "none"


def test_what_was_settled_survives_gibberish_and_no_verification_is_carried(assistant: Assistant, sender: str) -> None:
    sender = sender.replace(".1", ".2")
    first = assistant.say(sender, "asdf qwer", seed=SEED)
    assert "verified_order" not in first["report"]["slots"]
    assert "Marta dejó anotado: Llega el viernes." in texts(assistant.say(sender, "¿en qué quedamos?"))
    assert "correo" in texts(assistant.say(sender, "dónde está mi pedido?"))


def test_a_long_note_and_a_wrong_carried_number_stay_within_the_contract(assistant: Assistant, sender: str) -> None:
    settled = SEED["settled"] | {"note": "Llega pronto. " * 285, "agent_name": "M" * 120}
    first = assistant.say(sender, "en qué quedamos", seed=SEED | {"slots": {"order_number": 7}, "settled": settled})
    assert "Llega pronto." in texts(first) and first["report"]["slots"] == {}


def test_many_addresses_in_one_message_stay_within_the_contract(assistant: Assistant, sender: str) -> None:
    assert len(assistant.say(sender, "a@b.co " * 70)["report"]["entities"]) == 50


@pytest.mark.parametrize(
    "text", ["quiero saber de mi pedido y nadie me dice nada ".ljust(4000, "!"), "a" * 4000, "hola " * 800]
)
def test_the_longest_message_has_an_answer_or_a_person(assistant: Assistant, sender: str, text: str) -> None:
    answer = assistant.say(sender, text)
    assert answer["messages"] or answer["report"]["decision"]["action"] == "handoff"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "invalid_request"),
        ("[1]", 400, "invalid_request"),
        (turn("c1.1", "hola", version=2), 400, "unsupported_version"),
        (turn("c1.1", "hola") | {"text": "/restart"}, 400, "invalid_request"),
        (turn("no stretch", "hola"), 400, "invalid_request"),
        ("x" * 70_000, 413, "too_large"),
    ],
)
def test_a_bad_turn_is_refused_with_a_code(assistant: Assistant, body: object, status: int, code: str) -> None:
    answer = assistant.post(body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_forged_token_is_refused(assistant: Assistant) -> None:
    answer = assistant.post(turn("c1.1", "hola"), token="forged")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


def test_a_dead_action_server_is_an_error_and_not_silence(assistant_without_actions: Assistant, sender: str) -> None:
    answer = assistant_without_actions.post(turn(sender, "hola"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "no_report")


def test_an_erased_conversation_is_forgotten_and_no_other(assistant: Assistant, sender: str) -> None:
    conversation_id, other = sender.partition(".")[0], "c0ther.1"
    for one in (sender, f"{conversation_id}.2", f"{conversation_id}.ask.k2", other):
        assistant.say(one, "hola")
    door = assistant.url.removesuffix("webhook") + "forget"
    bearer = {"Authorization": f"Bearer {TOKEN}"}

    def forget(who: Any, headers: dict[str, str] = bearer, **more: Any) -> requests.Response:
        return requests.post(door, json={"conversation_id": who, **more}, headers=headers, timeout=15)

    assert forget(conversation_id, {}).status_code == 401
    assert [forget(who).status_code for who in ("c%", "", None, 7)] == [400] * 4
    assert [forget(conversation_id, stretch=one).status_code for one in ("2", True)] == [400] * 2
    assert [forget(conversation_id, run=one).status_code for one in (2, "k2.", "")] == [400] * 3
    assert forget(conversation_id, run="k2").json()["events"] > 5
    assert forget(conversation_id, run="k2").json()["events"] == 0
    assert forget(conversation_id, stretch=2).json()["events"] > 5
    assert forget(conversation_id, stretch=2).json()["events"] == 0
    assert forget(conversation_id).json()["events"] > 5
    assert forget(conversation_id).json()["events"] == 0
    assert forget("c0ther").json()["events"] > 5
