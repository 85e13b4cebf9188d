"""Where and when the shop can be reached."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.backoffice import door


class ActionStoreInfo(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def __init__(self) -> None:
        self._shop = door.shop()

    def name(self) -> str:
        return "action_store_info"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        language = tracker.get_slot("language") or "es"
        store = await asyncio.to_thread(self._shop.store, language)
        dispatcher.utter_message(
            response="utter_store_info",
            hours=store.hours,
            address=f"{store.address}, {store.city}",
            phone=store.phone,
            email=store.email,
        )
        return []
