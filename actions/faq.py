"""The shop's frequent questions: a company adds to them what no intent was trained for."""

from __future__ import annotations

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.door import shop
from actions.reading import Message

LONGEST = 4_000  # characters of a message; a company's own shop may know no such limit


async def tell_known_answer(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """Says the answer to what was typed; False when the shop has none. ShopUnavailable may pass."""
    typed = Message.of(tracker.latest_message).typed
    answer = await asyncio.to_thread(shop().faq, typed, tracker.get_slot("language")) if typed else None
    if answer:
        dispatcher.utter_message(text=answer[:LONGEST])
    return bool(answer)
