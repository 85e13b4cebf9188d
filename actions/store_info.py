"""Hours, places, contact, and whatever else customers often ask."""

from __future__ import annotations

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.door import shop
from actions.backoffice.shop import Store
from actions.backoffice.words import folded
from actions.faq import tell_known_answer
from actions.reading import Message
from actions.skill import Outcome, Skill
from actions.wording import listed


class ActionStoreInfo(Skill):
    topic = "store_info"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        language = tracker.get_slot("language")
        store = await asyncio.to_thread(shop().store, language)
        if city := Message.of(tracker.latest_message).entities.get("city"):
            return await _tell_branches(dispatcher, store, str(city), language)
        if await tell_known_answer(dispatcher, tracker):
            return Outcome("answered", solved=True)
        _tell_store(dispatcher, store, language)
        return Outcome("told", solved=True)


def _tell_store(dispatcher: CollectingDispatcher, store: Store, language: str) -> None:
    contact = {"phone": store.phone, "email": store.email}
    if not store.branches:
        dispatcher.utter_message(response="utter_store_info_online", **contact)
        return
    main, *others = store.branches
    facts = {**contact, "hours": main.hours, "address": main.address, "city": main.city}
    if others:
        cities = listed([branch.city for branch in others], language)
        dispatcher.utter_message(response="utter_store_info", cities=cities, **facts)
    else:
        dispatcher.utter_message(response="utter_store_info_one", **facts)


async def _tell_branches(dispatcher: CollectingDispatcher, store: Store, place: str, language: str) -> Outcome:
    """Those in the city, by whichever of its names; else those in the country that it lies in, or that was named."""
    known = await asyncio.to_thread(shop().delivery, place)
    names = {folded(place), *([folded(known.city)] if known else ())}
    there = [branch for branch in store.branches if folded(branch.city) in names]
    if known and not there:
        there = [branch for branch in store.branches if branch.country == known.country]
    for branch in there:
        facts = {"city": branch.city, "address": branch.address, "hours": branch.hours}
        dispatcher.utter_message(response="utter_store_branch", **facts)
    if not there and not store.branches:
        _tell_store(dispatcher, store, language)
    elif not there:
        cities = listed([branch.city for branch in store.branches], language)
        dispatcher.utter_message(response="utter_store_no_branch", city=place, cities=cities)
    return Outcome("told" if there else "no_branch", solved=True)
