"""The start of a bot stretch: silently takes over what the hub says is known."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.beside import is_beside
from actions.reading import email_in, order_number_in

# What may live on in a new stretch, and its reader. Never a verification, a handoff's reason or a count of failures.
CARRIED = {"order_number": order_number_in}
# Beside a conversation its agent asks: the pair that the customer has proved is checked with the shop anew.
CARRIED_BESIDE = {**CARRIED, "email": email_in}


class ActionSessionStart(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_session_start"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        metadata = tracker.get_slot("session_started_metadata") or {}
        seed = metadata.get("seed") or {}
        slots = seed.get("slots") or {}
        carried = CARRIED_BESIDE if is_beside(tracker) else CARRIED
        known: dict[str, Any] = {name: read(str(slots.get(name, ""))) for name, read in carried.items()}
        known["language"] = seed.get("language") or metadata.get("language") or "es"
        known["customer_name"] = (seed.get("customer") or {}).get("name")
        known["settled"] = seed.get("settled")
        known["survey"] = seed.get("survey")
        set_slots = [SlotSet(name, value) for name, value in known.items() if value is not None]
        return [SessionStarted(), *set_slots, ActionExecuted("action_listen")]
