"""Measures understanding on sentences that are in no training file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import ROOT, TOKEN, Assistant
from ruamel.yaml import YAML

from actions.escalation import decide
from actions.reading import Message, yes_or_no
from actions.rules_file import load_rules
from actions.signals import Signals, Turn

UNSEEN: dict[str, list[str]] = YAML(typ="safe").load(Path(__file__).with_name("unseen.yml"))
SEVERAL: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("several_needs.yml"))
SEEN = 0.2  # from here on the rules and the answers count a need
Parsed = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def parsed(assistant: Assistant) -> Parsed:
    """What the real pipeline makes of every sentence."""
    url = assistant.url.replace("/webhooks/hub/webhook", "/model/parse")
    texts = [text for texts in UNSEEN.values() for text in texts] + [one["text"] for one in SEVERAL]
    return {text: requests.post(url, params={"token": TOKEN}, json={"text": text}, timeout=15).json() for text in texts}


def test_no_measured_sentence_is_in_the_training_data() -> None:
    trained = "\n".join(path.read_text("utf-8").lower() for path in (ROOT / "data" / "nlu").glob("*.yml"))
    lines = {line.strip().removeprefix("- ") for line in trained.splitlines()}
    texts = [text for texts in UNSEEN.values() for text in texts] + [one["text"] for one in SEVERAL]
    assert not [text for text in texts if text.lower() in lines]


def test_nearly_all_unseen_sentences_are_understood(parsed: Parsed) -> None:
    pairs = [(name, parsed[text]["intent"]["name"]) for name, texts in UNSEEN.items() for text in texts]
    right = sum(name == heard or (name, heard) == ("out_of_scope", "nlu_fallback") for name, heard in pairs)
    assert right / len(pairs) >= 0.9


def test_what_is_none_of_the_shops_business_is_caught(parsed: Parsed) -> None:
    heard = [parsed[text]["intent"]["name"] for text in UNSEEN["out_of_scope"]]
    caught = [name in ("out_of_scope", "nlu_fallback") for name in heard]
    assert sum(caught) / len(caught) >= 0.85


def test_nearly_every_request_for_a_person_is_heard(parsed: Parsed) -> None:
    rules = load_rules()
    actions = [decide(Signals(Turn.heard(text, parsed[text])), rules).action for text in UNSEEN["human_handoff"]]
    assert actions.count("handoff") / len(actions) >= 0.9


def test_who_only_speaks_about_a_person_asks_for_none(parsed: Parsed) -> None:
    others = [text for name, texts in UNSEEN.items() if name != "human_handoff" for text in texts]
    rules = load_rules()
    found = {text: decide(Signals(Turn.heard(text, parsed[text])), rules).evidence or {} for text in others}
    wrong = [text for text, evidence in found.items() if evidence.get("rule") == "explicit_request"]
    assert len(wrong) / len(UNSEEN["human_handoff"]) <= 0.1, wrong


def test_of_two_needs_in_one_message_both_are_seen(parsed: Parsed) -> None:
    seen = [
        {rank["name"] for rank in parsed[one["text"]]["intent_ranking"] if rank["confidence"] >= SEEN}
        for one in SEVERAL
    ]
    both = [set(one["needs"]) <= needs for one, needs in zip(SEVERAL, seen, strict=True)]
    assert sum(both) / len(both) >= 0.8


@pytest.mark.parametrize(("intent", "meant"), [("affirm", True), ("deny", False)])
def test_nearly_every_yes_and_no_is_taken_at_a_confirmation_and_none_for_the_other(
    parsed: Parsed, intent: str, meant: bool
) -> None:
    heard = [yes_or_no(Message.of(parsed[text])) for text in UNSEEN[intent]]
    assert heard.count(meant) / len(heard) >= 0.9
    assert (not meant) not in heard
