"""Who may hear about an order: whoever knows its number and the e-mail that bought it. One way for every skill."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.door import shop, tries
from actions.backoffice.shop import Order, ShopUnavailable
from actions.backoffice.tries import TooManyTries
from actions.escalation import Decision
from actions.reading import email_in
from actions.report import skill_report

MAX_TRIES = 3  # in one conversation; actions/backoffice/tries.py limits the sum of all
VERIFIED_SECONDS = 30 * 60
MAX_NAME = 120  # of a customer's name in the hub
GRANTED = ("verified_order", "verified_name")  # what ends with the verification


@dataclass(frozen=True)
class Verified:
    """The order when both belong together. `person`: enough has been guessed, a person must take over."""

    order: Order | None
    events: list[dict[str, Any]]
    person: bool = False


async def verify(dispatcher: CollectingDispatcher, tracker: Tracker, topic: str) -> Verified:
    """Checks number and e-mail in the slots. What grants anything (`verified_order`) is set here and nowhere else."""
    number, email = tracker.get_slot("order_number"), tracker.get_slot("email")
    source = (tracker.latest_message.get("metadata") or {}).get("source")
    try:
        order = await asyncio.to_thread(_look_up, number, email, source)
    except TooManyTries:
        return _call_a_person(tracker, topic)
    if order is not None:
        return Verified(order, _granted(order, await _buyer(tracker, order)))
    if _tries(tracker) >= MAX_TRIES:
        return _call_a_person(tracker, topic)
    # It is not said which of the two is wrong: that would tell a stranger which orders exist.
    dispatcher.utter_message(response="utter_order_no_match")
    events = [*_ungranted(), SlotSet("verification_tries", _tries(tracker))]
    return Verified(None, [*events, *skill_report(tracker, topic, "not_found")])


async def proven_order(tracker: Tracker) -> Order | None:
    """The order that this conversation has proved to be the customer's, as the shop has it now."""
    number, email = tracker.get_slot("verified_order"), tracker.get_slot("email")
    if not number or not email or number != tracker.get_slot("order_number"):
        return None
    return await asyncio.to_thread(shop().order, number, email)


def outlived(tracker: Tracker, text: str) -> dict[str, None]:
    """The slots that a verification of long ago must no longer fill: whoever sits there now may be somebody else."""
    if tracker.get_slot("verified_order") is None or time.time() - _verified_at(tracker) < VERIFIED_SECONDS:
        return {}
    return dict.fromkeys(GRANTED if email_in(text) else (*GRANTED, "email"))


def _look_up(number: str, email: str, source: str | None) -> Order | None:
    one = tries().begin(number, email, source)
    try:
        order = shop().order(number, email)
    except ShopUnavailable:
        tries().forget(one)  # nobody has guessed anything
        raise
    if order is not None:
        tries().forget(one)
    return order


async def _buyer(tracker: Tracker, order: Order) -> str | None:
    """The name that the shop has for whoever bought it, unless the hub knows one already. An order is told without."""
    if tracker.get_slot("customer_name"):
        return None
    try:
        customer = await asyncio.to_thread(shop().customer, order.email)
    except ShopUnavailable:
        return None
    return customer.name.strip()[:MAX_NAME] or None if customer else None


def _granted(order: Order, name: str | None) -> list[dict[str, Any]]:
    granted = {
        "verified_order": order.number,
        "verified_name": name,
        "verification_tries": 0,
        "order_value_usd": float(order.total_usd),
        "vip": order.vip,
    }
    return [SlotSet(name, value) for name, value in granted.items()]


def _ungranted() -> list[dict[str, Any]]:
    return [SlotSet(name, None) for name in GRANTED]


def _call_a_person(tracker: Tracker, topic: str) -> Verified:
    tried = _tries(tracker)
    events = [
        *_ungranted(),
        SlotSet("order_number", None),
        SlotSet("email", None),
        SlotSet("verification_tries", tried),
        SlotSet("turn_report", _refused(tracker.get_slot("turn_report") or {}, tried)),
        SlotSet("handoff_reason", "repeated_failure"),
        *skill_report(tracker, topic, "refused"),
    ]
    return Verified(None, events, person=True)


def _tries(tracker: Tracker) -> int:
    """In this conversation, with the one that is under way."""
    return int(tracker.get_slot("verification_tries") or 0) + 1


def _verified_at(tracker: Tracker) -> float:
    events = (one for one in tracker.events if one.get("name") == "verified_order" and one.get("value"))
    return max((float(one.get("timestamp") or 0) for one in events), default=0.0)


def _refused(report: dict[str, Any], tried: int) -> dict[str, Any]:
    """The turn's report, with the decision that only the look-up could take."""
    version = (report.get("decision") or {}).get("rules_version") or ""
    # Without the text: it is an e-mail address that was not proved to be the customer's.
    evidence = {
        "rule": "verification_failed",
        "rule_version": version,
        "values": {"tries": tried},
        "text": None,
    }
    decision = Decision("handoff", "repeated_failure", evidence, version)
    return {**report, "decision": decision.as_report()}
