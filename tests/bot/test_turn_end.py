"""A turn is over when Rasa listens, or a person has the conversation. Anything else is no answer."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from conftest import ROOT
from rasa.shared.core.events import ActionExecuted, ConversationPaused, Event, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from components.hub_channel import Refused, _report

REPORT = {"turn_id": "t1", "intent": {"name": "deny", "confidence": 1.0}}


def after(*events: Event) -> DialogueStateTracker:
    slots = [AnySlot(name, mappings=[{"type": "custom"}]) for name in ("turn_report", "skill", "case_report")]
    said = [ActionExecuted("action_listen"), UserUttered("no"), SlotSet("turn_report", REPORT)]
    return DialogueStateTracker.from_events("c1.1", [*said, *events], slots=slots)


def test_a_circle_that_rasa_broke_off_is_no_answer() -> None:
    circle = [ActionExecuted("action_not_understood")] * 9
    with pytest.raises(Refused, match="action_not_understood"):
        _report(after(*circle), "t1")


def test_a_turn_ends_in_listening_or_with_a_person() -> None:
    for end in (ActionExecuted("action_listen"), ConversationPaused()):
        assert _report(after(ActionExecuted("utter_thanks"), end), "t1")["intent"] == REPORT["intent"]


def test_only_the_policy_offers_a_person_last() -> None:
    """It listens behind the offer; said by a rule inside a form, the form's question would be missing."""
    rules: list[dict[str, Any]] = []
    for path in (ROOT / "data" / "rules").glob("*.yml"):
        rules += yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    said = [step["action"] for rule in rules for step in rule["steps"] if "action" in step]
    assert len(said) > 30 and "utter_offer_person" not in said
