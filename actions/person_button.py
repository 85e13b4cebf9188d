"""A person offered as a button of the assistant's own question: of two questions at once a "sí" could mean either."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

TITLES = {"es": "Hablar con alguien", "en": "Talk to a person"}


def person_button(tracker: Tracker) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The buttons to add to the question, and the events which say so; none when no person is offered in this turn."""
    if tracker.get_slot("offer") != "ask":
        return [], []
    button = {"title": TITLES[tracker.get_slot("language")], "payload": "/human_handoff"}
    return [button], [SlotSet("offer", "button")]
