"""Where is my order? Asks for number and e-mail, checks that both belong together, then tells."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import date
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.backoffice import door
from actions.backoffice.shop import Order
from actions.backoffice.tries import TooManyTries
from actions.escalation import Decision
from actions.settled import tell_settled

MAX_TRIES = 3  # in one conversation; actions/backoffice/tries.py limits the sum of all
VERIFIED_SECONDS = 30 * 60
MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "en": "January February March April May June July August September October November December",
}
_ORDER_NUMBER = re.compile(r"\b([a-z]{2})[\s-]?(\d{4})\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


def order_number_in(text: str) -> str | None:
    """`RX-4821` from "rx4821", "RX 4821" or a sentence around it."""
    found = _ORDER_NUMBER.search(text or "")
    return f"{found[1].upper()}-{found[2]}" if found else None


def email_in(text: str) -> str | None:
    found = _EMAIL.search(text or "")
    return found[0].lower() if found else None


def day_and_month(day: date, language: str) -> str:
    """With the month in words: 3/4 is another day in Lima than in New York."""
    month = MONTHS[language].split()[day.month - 1]
    return f"{day.day} de {month}" if language == "es" else f"{month} {day.day}"


def is_answer(slot: str, text: str) -> bool:
    """Does the text answer what the form asked for?"""
    readers = {"order_number": order_number_in, "email": email_in}
    return slot not in readers or readers[slot](text) is not None


def outlived(tracker: Tracker, text: str) -> dict[str, None]:
    """The slots that a verification of long ago must no longer fill: whoever sits there now may be somebody else."""
    if tracker.get_slot("verified_order") is None or time.time() - _verified_at(tracker) < VERIFIED_SECONDS:
        return {}
    return dict.fromkeys(["verified_order"] if email_in(text) else ["verified_order", "email"])


def _verified_at(tracker: Tracker) -> float:
    events = (one for one in tracker.events if one.get("name") == "verified_order" and one.get("value"))
    return max((float(one.get("timestamp") or 0) for one in events), default=0.0)


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
        self._shop, self._tries = door.shop(), door.tries()

    def name(self) -> str:
        return "action_order_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        number, email = tracker.get_slot("order_number"), tracker.get_slot("email")
        source = (tracker.latest_message.get("metadata") or {}).get("source")
        try:
            order = await asyncio.to_thread(self._look_up, number or "", email or "", source)
        except TooManyTries:
            return self._call_a_person(tracker, _tries(tracker))
        if order is None:
            return self._no_match(dispatcher, tracker)
        told = tell_settled(dispatcher, tracker)
        self._tell(dispatcher, order, tracker.get_slot("language") or "es")
        return [
            SlotSet("verified_order", order.number),
            SlotSet("verification_tries", 0),
            *told,
            _skill(tracker, "found"),
        ]

    def _look_up(self, number: str, email: str, source: str | None) -> Order | None:
        one = self._tries.begin(number, email, source)
        order = self._shop.order(number, email)
        if order is not None:
            self._tries.forget(one)
        return order

    @staticmethod
    def _tell(dispatcher: CollectingDispatcher, order: Order, language: str) -> None:
        dispatcher.utter_message(
            response=f"utter_order_{order.state}",
            order_number=order.number,
            item=", ".join(item.name for item in order.items),
            carrier=order.carrier or "",
            date=day_and_month(order.date, language),
        )

    def _no_match(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """It is not said which of the two is wrong: that would tell a stranger which orders exist."""
        tries = _tries(tracker)
        if tries >= MAX_TRIES:
            return self._call_a_person(tracker, tries)
        dispatcher.utter_message(response="utter_order_no_match")
        return [*_forgotten(tries), _skill(tracker, "not_found")]

    @staticmethod
    def _call_a_person(tracker: Tracker, tries: int) -> list[dict[str, Any]]:
        return [
            *_forgotten(tries),
            SlotSet("turn_report", _refused(tracker.get_slot("turn_report") or {}, tries)),
            SlotSet("handoff_reason", "repeated_failure"),
            _skill(tracker, "refused"),
        ]


def _tries(tracker: Tracker) -> int:
    """In this conversation, with the one that is under way."""
    return int(tracker.get_slot("verification_tries") or 0) + 1


def _forgotten(tries: int) -> list[dict[str, Any]]:
    return [SlotSet("order_number", None), SlotSet("email", None), SlotSet("verification_tries", tries)]


def _refused(report: dict[str, Any], tries: int) -> dict[str, Any]:
    """The turn's report, with the decision that only the look-up could take."""
    version = (report.get("decision") or {}).get("rules_version") or ""
    # Without the text: it is an e-mail address that was not proved to be the customer's.
    evidence = {
        "rule": "verification_failed",
        "rule_version": version,
        "values": {"tries": tries},
        "text": None,
    }
    decision = Decision("handoff", "repeated_failure", evidence, version)
    return {**report, "decision": decision.as_report()}


def _skill(tracker: Tracker, outcome: str) -> dict[str, Any]:
    turn_id = (tracker.get_slot("turn_report") or {}).get("turn_id")
    event: dict[str, Any] = SlotSet("skill", {"turn_id": turn_id, "name": "order_status", "outcome": outcome})
    return event
