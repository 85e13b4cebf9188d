"""Which country a customer buys in, as far as the conversation tells."""

from __future__ import annotations

import asyncio

from rasa_sdk import Tracker

from actions.backoffice.door import shop
from actions.verification import proven_order


async def country_of(tracker: Tracker) -> str | None:
    """Of the place that was named, else of the order that was verified. None when neither tells."""
    place = tracker.get_slot("city")
    if place:
        delivery = await asyncio.to_thread(shop().delivery, str(place))
        return delivery.country if delivery else None
    order = await proven_order(tracker)
    return order.country if order else None
