"""How a purchase can be paid, in the customer's country."""

from __future__ import annotations

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.door import shop
from actions.backoffice.shop import PaymentMethod
from actions.country import country_of
from actions.faq import tell_known_answer
from actions.form import Form
from actions.skill import Outcome, Skill

INSTALMENTS = {"es": " (hasta {} cuotas)", "en": " (up to {} instalments)"}


class PaymentMethodsForm(Form):
    topic = "payment_methods"


class ActionPaymentMethods(Skill):
    """A question in between, too: inside another form, which goes on asking afterwards, it opens no form of its own."""

    topic = "payment_methods"
    keeps = ("city",)

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        if await tell_known_answer(dispatcher, tracker):
            return Outcome("answered", solved=True)
        language = tracker.get_slot("language")
        place, country = tracker.get_slot("city"), await country_of(tracker)
        if country is None and place is None and not tracker.active_loop_name:
            return Outcome(None, events=[FollowupAction("payment_methods_form")])
        methods = await asyncio.to_thread(shop().payment_methods, country, language) if country else []
        if not methods:
            dispatcher.utter_message(response="utter_payment_methods_elsewhere")
            return Outcome("unknown_country" if place else None)
        lines = "\n".join(_line(one, language) for one in methods)
        dispatcher.utter_message(response="utter_payment_methods", methods=lines)
        return Outcome("told", solved=True)


def _line(method: PaymentMethod, language: str) -> str:
    instalments = INSTALMENTS[language].format(method.instalments) if method.instalments > 1 else ""
    return f"• {method.name}{instalments}{f'. {method.note}' if method.note else ''}"
