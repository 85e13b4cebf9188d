"""Where is my order? Asks for the number and the e-mail of the purchase, checks that both belong together, then tells."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.backoffice.shop import Order, Shop
from actions.settled import settled_by_a_person

MAX_TRIES = 3
_ORDER_NUMBER = re.compile(r"\b([a-z]{2})[\s-]?(\d{4})\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


def order_number_in(text: str) -> str | None:
    """`RX-4821` from "rx4821", "RX 4821" or a sentence around it."""
    found = _ORDER_NUMBER.search(text or "")
    return f"{found[1].upper()}-{found[2]}" if found else None


def email_in(text: str) -> str | None:
    found = _EMAIL.search(text or "")
    return found[0].lower() if found else None


def is_answer(slot: str, text: str) -> bool:
    """Does the text answer what the form asked for?"""
    readers = {"order_number": order_number_in, "email": email_in}
    return slot not in readers or readers[slot](text) is not None


class ValidateOrderStatusForm(FormValidationAction):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "validate_order_status_form"

    def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        number = order_number_in(str(value))
        if number is None:
            dispatcher.utter_message(response="utter_wrong_order_number")
        return {"order_number": number}

    def validate_email(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        email = email_in(str(value))
        if email is None:
            dispatcher.utter_message(response="utter_wrong_email")
        return {"email": email}


class ActionOrderStatus(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """Slots that grant anything (`verified_order`) are set here and nowhere else."""

    def __init__(self) -> None:
        self._shop = Shop.from_environment()

    def name(self) -> str:
        return "action_order_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        number, email = tracker.get_slot("order_number"), tracker.get_slot("email")
        order = await asyncio.to_thread(self._shop.order, number or "", email or "")
        if order is None:
            return self._no_match(dispatcher, tracker)
        settled = settled_by_a_person(tracker)
        if settled and not tracker.get_slot("settled_told"):
            dispatcher.utter_message(
                response="utter_settled", agent_name=settled["agent_name"] or "", note=settled["note"]
            )
        self._tell(dispatcher, order)
        return [
            SlotSet("verified_order", order.number),
            SlotSet("verification_tries", 0),
            SlotSet("settled_told", True),
            _skill(tracker, "found"),
        ]

    @staticmethod
    def _tell(dispatcher: CollectingDispatcher, order: Order) -> None:
        dispatcher.utter_message(
            response=f"utter_order_{order.state}",
            order_number=order.number,
            item=order.item,
            carrier=order.carrier or "",
            date=order.date.strftime("%d/%m/%Y"),
        )

    @staticmethod
    def _no_match(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """It is not said which of the two is wrong: that would tell a stranger which orders exist."""
        tries = int(tracker.get_slot("verification_tries") or 0) + 1
        forgotten = [SlotSet("order_number", None), SlotSet("email", None), SlotSet("verification_tries", tries)]
        if tries < MAX_TRIES:
            dispatcher.utter_message(response="utter_order_no_match")
            return [*forgotten, _skill(tracker, "not_found")]
        evidence = {
            "rule": "verification_failed",
            "rule_version": "1",
            "values": {"tries": tries},
            "text": tracker.latest_message.get("text"),
        }
        return [
            *forgotten,
            SlotSet("handoff_evidence", evidence),
            SlotSet("handoff_reason", "repeated_failure"),
            _skill(tracker, "refused"),
        ]


def _skill(tracker: Tracker, outcome: str) -> dict[str, Any]:
    turn_id = (tracker.get_slot("turn_report") or {}).get("turn_id")
    event: dict[str, Any] = SlotSet("skill", {"turn_id": turn_id, "name": "order_status", "outcome": outcome})
    return event
