"""How long and how much shipping takes, before anything is bought."""

from __future__ import annotations

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.door import shop
from actions.backoffice.money import written
from actions.form import Form
from actions.skill import Outcome, Skill
from actions.wording import working_days


class DeliveryTimeForm(Form):
    topic = "delivery_time"


class ActionDeliveryTime(Skill):
    """A question in between, too: inside another form, which goes on asking afterwards, it opens no form of its own."""

    topic = "delivery_time"
    keeps = ("city",)

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        city, language = tracker.get_slot("city"), tracker.get_slot("language")
        if city is None and not tracker.active_loop_name:
            return Outcome(None, events=[FollowupAction("delivery_time_form")])
        if city is None:
            dispatcher.utter_message(response="utter_delivery_depends")
            return Outcome(None)
        delivery = await asyncio.to_thread(shop().delivery, str(city))
        if delivery is None:
            dispatcher.utter_message(response="utter_delivery_unknown", city=city)
            return Outcome("unknown_city")
        facts = {
            "city": delivery.city,
            "days_from": delivery.days_from,
            "days_to": delivery.days_to,
            "cost": written(delivery.cost, language),
        }
        response = "utter_delivery_time"
        if delivery.express_days is not None and delivery.express_cost is not None:
            facts |= {
                "express_days": working_days(delivery.express_days, language),
                "express_cost": written(delivery.express_cost, language),
            }
            response = "utter_delivery_time_express"
        dispatcher.utter_message(response=response, **facts)
        if delivery.free_from is not None:
            dispatcher.utter_message(response="utter_delivery_free", amount=written(delivery.free_from, language))
        return Outcome("told", solved=True)
