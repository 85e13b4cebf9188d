"""What else a message asked for: remembered until the first need is done, so that nobody has to say it twice."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.solved import may_ask
from actions.wishes import WISHES

Events = list[dict[str, Any]]


def ask_also(dispatcher: CollectingDispatcher, tracker: Tracker, done: str) -> Events:
    """Asks whether to go on with the next of them; no events when there is none, or another question stands."""
    wishes = [wish for wish in tracker.get_slot("also") or [] if wish != done]
    if not wishes or not may_ask(tracker):
        return []
    wish = WISHES[wishes[0]][tracker.get_slot("language")]
    dispatcher.utter_message(response="utter_ask_also", wish=wish)
    return [SlotSet("also", wishes[1:] or None), SlotSet("also_asked", wishes[0])]


def go_on_with(tracker: Tracker, domain: DomainDict) -> Events:
    """After the yes: the form of what was asked about, or its action where there is nothing to ask."""
    asked = tracker.get_slot("also_asked")
    if asked is None:
        return []
    form = f"{asked}_form"
    return [SlotSet("also_asked", None), FollowupAction(form if form in domain["forms"] else f"action_{asked}")]


def also_answered(tracker: Tracker) -> dict[str, None]:
    """Any message but a yes lets the question go."""
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    return {"also_asked": None} if tracker.get_slot("also_asked") and intent != "affirm" else {}
