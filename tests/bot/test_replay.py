"""The log tells the rules what the tracker told them: what was decided then is what a replay decides."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Assistant, schema

from actions.rules_file import load_rules
from designer.replay import Call, replay

TALKS = {
    "offered, then angry": [
        "¿dónde está mi pedido? soy distribuidor",
        "RX-4821",
        "qué asco de tienda, son unos inútiles",
    ],
    "not understood": ["hjkl fghj", "qpwo eiru", "zmxn cbvl"],
    "said three times": [
        "¿a qué hora abren los domingos?",
        "pero a qué hora abren los domingos",
        "a qué hora abren el domingo",
    ],
    "a button, then a wish": ["/store_info", "quiero hablar con una persona"],
    "routine": ["hola", "¿dónde está mi pedido RX-4821?", "elena@example.com", "gracias"],
}


def logged(texts: list[str], reports: list[dict[str, Any]]) -> dict[str, Any]:
    """As the hub exports it."""
    messages, turns = [], []
    for number, (text, report) in enumerate(zip(texts, reports, strict=True), start=1):
        about = {"case_id": "case-1", "stretch": 1, "turn_id": report["turn_id"], "response": None}
        payload = text if text.startswith("/") else None
        said = {"id": number, "at": number, "author": "customer", "text": text.strip("/"), "payload": payload}
        messages.append(said | about | {"delivery": "delivered", "understanding": None})
        turns.append({"id": report["turn_id"], "at": number, "stretch": 1, "state": "answered", "report": report})
    case = {"id": "case-1", "opened_at": 1, "closed_at": None, "outcome": None}
    whole = {"version": 1, "id": "c1", "channel": "web", "language": "es", "messages": messages, "turns": turns}
    return whole | {"handoffs": [], "cases": [case]}


@pytest.mark.parametrize("texts", TALKS.values(), ids=TALKS.keys())
def test_a_replay_of_the_same_rules_decides_as_the_assistant_did(
    assistant: Assistant, sender: str, texts: list[str]
) -> None:
    reports = [assistant.say(sender, text)["report"] for text in texts]
    conversation = logged(texts, reports)
    schema("conversation").validate(conversation)
    (case,) = replay(conversation, load_rules())
    decided = [(number, report["decision"]) for number, report in enumerate(reports, start=1)]
    assert case.would == tuple(
        Call(one["action"], one["evidence"]["rule"], one["reason"], number, number, one["evidence"]["text"])
        for number, one in decided
        if one["action"] != "none"
    )
