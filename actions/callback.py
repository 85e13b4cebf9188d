"""A call back when nobody can be reached: how, and a yes; then the hub keeps it and names the case."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.contact import HERE, KNOWN, known_contact, masked
from actions.conversation import closed
from actions.form import Form, since_customer, slots_of
from actions.handoff_client import NobodyReached, request_callback
from actions.report import skill_report
from actions.wording import opening

logger = logging.getLogger(__name__)
TOPIC = "callback"
Events = list[dict[str, Any]]


class CallbackForm(Form):
    """Who takes the contact that is proposed, or stays here, has confirmed it. One that is typed is read back."""

    topic = TOPIC

    async def go_on(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, slots: Sequence[str], said: dict[str, Any]
    ) -> Events:
        begins = any(event.get("event") == "active_loop" for event in since_customer(tracker))
        contact, proposed = None if begins else tracker.get_slot("callback_contact"), _proposed(tracker)
        if contact == KNOWN:  # a yes to what was proposed
            contact = proposed
        if said.get("confirmed") is False:  # what was typed was not right
            contact = None
        typed = contact not in (None, HERE, proposed)
        kept = {"callback_contact": contact, "confirmed": tracker.get_slot("confirmed") if typed else None}
        tracker.slots.update(kept)
        asked = await super().go_on(dispatcher, tracker, slots if typed else slots[:1], said)
        return [*(SlotSet(slot, value) for slot, value in kept.items()), *asked]


class AskCallbackContact(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_ask_callback_contact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if proposed := _proposed(tracker):
            dispatcher.utter_message(response="utter_ask_callback_contact_known", contact=masked(proposed))
        else:
            dispatcher.utter_message(response="utter_ask_callback_contact_new")
        return []


class AskCallbackConfirmed(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_ask_callback_form_confirmed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        dispatcher.utter_message(response="utter_callback_confirm", contact=tracker.get_slot("callback_contact"))
        return []


class ActionCallback(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_callback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        contact = tracker.get_slot("callback_contact")
        forgotten = [SlotSet(slot, None) for slot in slots_of(TOPIC, domain)]
        try:
            kept = await asyncio.to_thread(request_callback, tracker, None if contact == HERE else contact)
        except NobodyReached as trouble:
            logger.warning("callback.not_taken %s", trouble)
            dispatcher.utter_message(response="utter_callback_failed")
            return [*forgotten, *skill_report(tracker, TOPIC, "unavailable")]
        when = opening(kept.get("due_at"), kept.get("time_zone"), tracker.get_slot("language"))
        way = "here" if contact == HERE else "contact"
        dispatcher.utter_message(response=f"utter_callback_{way}", contact=contact, when=when, key=kept["key"])
        return [*forgotten, *skill_report(tracker, TOPIC, "taken")]


class ActionCancelCallback(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """ "Ya no hace falta que me llamen": what was promised is taken back, and so is what was about to be."""

    def name(self) -> str:
        return "action_cancel_callback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        ended = closed(tracker, domain) if tracker.active_loop_name == f"{TOPIC}_form" else []
        try:
            answer = await asyncio.to_thread(request_callback, tracker, None, cancel=True)
        except NobodyReached as trouble:
            logger.warning("callback.not_cancelled %s", trouble)
            dispatcher.utter_message(response="utter_callback_failed")
            return [*ended, *skill_report(tracker, TOPIC, "unavailable")]
        there = answer["status"] == "cancelled"
        dispatcher.utter_message(response="utter_callback_cancelled" if there or ended else "utter_no_callback")
        return [*ended, *skill_report(tracker, TOPIC, "cancelled" if there else "told")]


def _proposed(tracker: Tracker) -> str | None:
    """As it was known before the form began: what is typed in it is read back instead."""
    form = ("active_loop", f"{TOPIC}_form")
    begun = [place for place, one in enumerate(tracker.events) if (one.get("event"), one.get("name")) == form]
    before = tracker.events[: begun[-1]] if begun else tracker.events
    emails = (event.get("value") for event in reversed(before) if event.get("name") == "email")
    return known_contact(before, next(emails, None))
