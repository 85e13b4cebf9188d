"""What every skill's form does with a message, so that a skill only says what it wants to know."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.backoffice.shop import Order, ShopUnavailable
from actions.hearing import PAIR, hear
from actions.near_miss import near_miss
from actions.reading import AT_ONCE, READERS, Message, email_in, order_number_in
from actions.verification import proven_order, verify

Events = list[dict[str, Any]]


class Form(Action, ABC):  # type: ignore[misc]  # rasa-sdk has no types
    """Rasa calls `validate_<topic>_form` with every message while the form is open, at its start, and after an aside.

    A message that means something else is left to the rules: they answer a question in between, after which Rasa
    returns to the form by itself, or they open another skill's form, which finds what is known in the slots.
    """

    topic = ""

    def name(self) -> str:
        return f"validate_{self.topic}_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        slots = slots_of(self.topic, domain)
        said = self._said(dispatcher, tracker, slots)
        if said is None:
            return [ActionExecutionRejected(f"{self.topic}_form")]
        tracker.slots.update(said)
        events = [SlotSet(slot, value) for slot, value in said.items()]
        try:
            return [*events, *await self.go_on(dispatcher, tracker, slots, said)]
        except ShopUnavailable:
            return [*events, SlotSet("requested_slot", None)]  # the form ends, and the skill's action says why

    async def go_on(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, slots: Sequence[str], said: dict[str, Any]
    ) -> Events:
        """Asks for the first of the form's slots that is empty. When none is left, the skill's action goes to work."""
        return _ask_first(tracker, slots)

    def _said(self, dispatcher: CollectingDispatcher, tracker: Tracker, slots: Sequence[str]) -> dict[str, Any] | None:
        """What this call brings, by slot; None when the message is not for the form."""
        asked = tracker.get_slot("requested_slot")
        if not _is_new(tracker) or not asked:
            return _known_before(tracker, slots)
        message = Message.of(tracker.latest_message)
        heard = hear(message, self.topic, asked, slots, tracker.slots)
        if heard.aside:
            return None
        if not heard.values:
            missing = near_miss(asked, message.typed)
            dispatcher.utter_message(response=f"utter_wrong_{asked}_{missing}" if missing else f"utter_wrong_{asked}")
            return {asked: None}
        return heard.values


class OrderForm(Form, ABC):
    """A form about one order: first of all number and e-mail, which must belong together.

    `call` is the change of `Shop` that the skill is for. Nothing is asked for what the shop would refuse: the skill's
    action says why.
    """

    call = ""

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        """The slots beyond those two; none when there is nothing to ask, as when it only has to be told."""
        return ()

    async def go_on(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, slots: Sequence[str], said: dict[str, Any]
    ) -> Events:
        if missing := [slot for slot in PAIR if tracker.get_slot(slot) is None]:
            return _ask_first(tracker, missing)
        order, events = await proven_order(tracker), []
        if order is None:
            if not said.keys() & set(PAIR):
                return [SlotSet("requested_slot", "email")]  # the pair was refused, and nothing new was said
            verified = await verify(dispatcher, tracker, self.topic)
            order, events = verified.order, verified.events
            if verified.person:
                return [*events, ActionExecutionRejected(f"{self.topic}_form")]
            if order is None:
                return [*events, SlotSet("requested_slot", "email")]
        wanted = () if self.call in order.refusals else await self.wants_for(order, tracker)
        return [*events, *_ask_first(tracker, wanted)]


def slots_of(topic: str, domain: DomainDict) -> list[str]:
    """The slots that the domain lists for the form of that topic; empty when it has no form."""
    form = (domain.get("forms") or {}).get(f"{topic}_form") or {}
    return list(form.get("required_slots") or [])


def since_customer(tracker: Tracker) -> Events:
    """What has happened in this turn."""
    turn: Events = []
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        turn.insert(0, event)
    return turn


def asked_before(tracker: Tracker) -> str | None:
    """What a form was asking for when the customer wrote this message."""
    before = tracker.events[: len(tracker.events) - len(since_customer(tracker))]
    asked = (event.get("value") for event in reversed(before) if event.get("name") == "requested_slot")
    return next(asked, None)


def _is_new(tracker: Tracker) -> bool:
    """Did the message come while this form was asking, and has nobody taken it up yet?"""
    return not any(
        event.get("event") in ("active_loop", "action_execution_rejected") for event in since_customer(tracker)
    )


def _known_before(tracker: Tracker, slots: Sequence[str]) -> dict[str, Any]:
    """At the start and after an aside. Entities are as they were typed; a pair that was refused is not tried again."""
    if not any(event.get("event") == "active_loop" for event in since_customer(tracker)):
        return {}
    readers = {"order_number": order_number_in, "email": email_in}
    known = {slot: read(str(tracker.get_slot(slot) or "")) for slot, read in readers.items() if slot in slots}
    if "email" in known and tracker.get_slot("verification_tries") and not tracker.get_slot("verified_order"):
        known["email"] = READERS["email"](Message.of(tracker.latest_message))
    message = Message.of(tracker.latest_message)
    at_once = {slot: read(message) for slot, read in AT_ONCE.items() if slot in slots}
    known |= {slot: value for slot, value in at_once.items() if value is not None}
    return {**known, **({"confirmed": None} if "confirmed" in slots else {})}


def _ask_first(tracker: Tracker, slots: Sequence[str]) -> Events:
    """Nothing left to ask ends the form."""
    return [SlotSet("requested_slot", next((slot for slot in slots if tracker.get_slot(slot) is None), None))]
