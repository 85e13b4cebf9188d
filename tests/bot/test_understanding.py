"""Measures understanding on sentences that are in no training file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
from conftest import ROOT, TOKEN, Assistant
from ruamel.yaml import YAML

from actions.escalation import decide
from actions.rules_file import load_rules
from actions.signals import Signals, Turn

UNSEEN: dict[str, list[str]] = YAML(typ="safe").load(Path(__file__).with_name("unseen.yml"))


def parsed(assistant: Assistant, text: str) -> dict[str, Any]:
    url = assistant.url.replace("/webhooks/hub/webhook", "/model/parse")
    answer = requests.post(url, params={"token": TOKEN}, json={"text": text}, timeout=15)
    understood: dict[str, Any] = answer.json()
    return understood


def test_no_measured_sentence_is_in_the_training_data() -> None:
    trained = "\n".join(path.read_text("utf-8").lower() for path in (ROOT / "data" / "nlu").glob("*.yml"))
    lines = {line.strip().removeprefix("- ") for line in trained.splitlines()}
    assert not [text for texts in UNSEEN.values() for text in texts if text.lower() in lines]


def test_four_of_five_unseen_sentences_are_understood(assistant: Assistant) -> None:
    pairs = [(name, parsed(assistant, text)["intent"]["name"]) for name, texts in UNSEEN.items() for text in texts]
    right = sum(name == heard or (name, heard) == ("out_of_scope", "nlu_fallback") for name, heard in pairs)
    assert right / len(pairs) >= 0.8


def test_nearly_every_request_for_a_person_is_heard(assistant: Assistant) -> None:
    rules = load_rules()
    heard = [Signals(Turn.heard(text, parsed(assistant, text))) for text in UNSEEN["human_handoff"]]
    actions = [decide(signals, rules).action for signals in heard]
    assert actions.count("handoff") / len(actions) >= 0.9
