"""Small talk. Inside a form it is a word in passing; the form then repeats its question."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.also import go_on_with
from actions.form import slots_of
from actions.hearing import PAIR
from actions.settled import tell_settled

Events = list[dict[str, Any]]


class ActionGreet(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """Someone who comes back hears that the assistant knows, before it offers what it can do."""

    def name(self) -> str:
        return "action_greet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if tracker.active_loop_name:
            dispatcher.utter_message(response="utter_still_here")
            return []
        told = tell_settled(dispatcher, tracker)
        dispatcher.utter_message(response="utter_greet")
        return told


class ActionThanks(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_thanks"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        dispatcher.utter_message(response="utter_welcome" if tracker.active_loop_name else "utter_thanks")
        return []


class ActionGoOn(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """A yes to going on with what else was asked for, or to nothing.

    In a form ("ok, un momento") the form's question is all there is to say.
    """

    def name(self) -> str:
        return "action_go_on"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if tracker.active_loop_name:
            return []
        if next_wish := go_on_with(tracker, domain):
            return next_wish
        dispatcher.utter_message(response="utter_go_on")
        return []


class ActionOddMessage(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """What is no sentence is told so; what to do next is the form's question, or ours."""

    def name(self) -> str:
        return "action_odd_message"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        intent = tracker.latest_message["intent"]["name"]
        dispatcher.utter_message(response=f"utter_{intent}_in_form" if tracker.active_loop_name else f"utter_{intent}")
        return []


class ActionNoData(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """Where to find it, and what to do without."""

    def name(self) -> str:
        return "action_no_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        form, asked = tracker.active_loop_name, tracker.get_slot("requested_slot")
        own = (f"utter_no_data_{form}_{asked}", f"utter_no_data_{asked}") if form else ("utter_go_on",)
        there = domain.get("responses") or {}
        response = next((one for one in own if one in there), "utter_no_data")
        dispatcher.utter_message(response=response)
        return []


class ActionStop(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """No, never mind: whatever was under way ends here, and nothing has been changed."""

    def name(self) -> str:
        return "action_stop"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        dispatcher.utter_message(response="utter_stopped")
        return closed(tracker, domain)


class ActionGoodbye(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_goodbye"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        dispatcher.utter_message(response="utter_goodbye")
        return closed(tracker, domain)


def closed(tracker: Tracker, domain: DomainDict) -> Events:
    """The open form ends and its answers are forgotten; who the customer is stays known."""
    if not tracker.active_loop_name:
        return []
    own = [slot for slot in slots_of(tracker.active_loop_name.removesuffix("_form"), domain) if slot not in PAIR]
    return [ActiveLoop(None), SlotSet("requested_slot", None), *(SlotSet(slot, None) for slot in own)]
