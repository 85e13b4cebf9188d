"""What a skill tells the hub about this turn, beside its words."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet


def turn_id(tracker: Tracker) -> str:
    """Of the turn under way. Together with an action's name it is the key of what that action changes."""
    return (tracker.get_slot("turn_report") or {}).get("turn_id") or "t-none"


def skill_report(tracker: Tracker, name: str, outcome: str) -> list[dict[str, Any]]:
    return [SlotSet("skill", {"turn_id": turn_id(tracker), "name": name, "outcome": outcome})]


def case_report(tracker: Tracker, answer: str) -> list[dict[str, Any]]:
    """`solved` or `unsolved`, as the customer has answered."""
    return [SlotSet("case", {"turn_id": turn_id(tracker), "answer": answer})]
