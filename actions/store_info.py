"""Hours, places, contact, and whatever else customers often ask."""

from __future__ import annotations

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.door import shop
from actions.backoffice.shop import Store
from actions.backoffice.words import folded
from actions.reading import Message
from actions.skill import Outcome, Skill
from actions.wording import listed


class ActionStoreInfo(Skill):
    topic = "store_info"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        message, language = Message.of(tracker.latest_message), tracker.get_slot("language")
        store = await asyncio.to_thread(shop().store, language)
        if city := message.entities.get("city"):
            return await _tell_branches(dispatcher, store, str(city), language)
        answer = await asyncio.to_thread(shop().faq, message.typed, language) if message.typed else None
        if answer:
            dispatcher.utter_message(text=answer)
            return Outcome("answered", solved=True)
        main = store.branches[0]
        dispatcher.utter_message(
            response="utter_store_info",
            hours=main.hours,
            address=main.address,
            city=main.city,
            cities=listed([branch.city for branch in store.branches[1:]], language),
            phone=store.phone,
            email=store.email,
        )
        return Outcome("told", solved=True)


async def _tell_branches(dispatcher: CollectingDispatcher, store: Store, place: str, language: str) -> Outcome:
    """Those in the city; else those in the country that it lies in, or that was named itself."""
    there = [branch for branch in store.branches if folded(branch.city) == folded(place)]
    if not there:
        known = await asyncio.to_thread(shop().delivery, place)
        there = [branch for branch in store.branches if known and branch.country == known.country]
    for branch in there:
        facts = {"city": branch.city, "address": branch.address, "hours": branch.hours}
        dispatcher.utter_message(response="utter_store_branch", **facts)
    if not there:
        cities = listed([branch.city for branch in store.branches], language)
        dispatcher.utter_message(response="utter_store_no_branch", city=place, cities=cities)
    return Outcome("told" if there else "no_branch", solved=True)
