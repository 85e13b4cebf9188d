"""Getting into the account again, and what can be changed in it."""

from __future__ import annotations

import asyncio
import re

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.door import shop
from actions.form import Form
from actions.reading import Message
from actions.skill import Outcome, Skill

# A new address or number of the account is changed inside it, so it needs another answer than a lost password.
_OTHER_DATA = re.compile(
    r"\b(cambi\w+|actualiz\w+|modific\w+|poner|correg\w+|edit\w*|change|update|switch|put)\b.{0,40}"
    r"\b(correo|mail|e-?mail|tel[eé]fono|celular|n[uú]mero|nombre|phone|number|name)\b",
    re.IGNORECASE,
)


class AccountAccessForm(Form):
    topic = "account_access"


class ActionAccountAccess(Skill):
    """The link goes to the mailbox and nothing is told here, so nobody has to be verified for it."""

    topic = "account_access"
    keeps = ("email",)

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        message, email = Message.of(tracker.latest_message), tracker.get_slot("email")
        if message.intent == self.topic and _OTHER_DATA.search(message.typed):
            dispatcher.utter_message(response="utter_account_access_data")
            return Outcome("told", solved=True)
        if email is None:
            return Outcome(None, events=[FollowupAction("account_access_form")])
        await asyncio.to_thread(shop().request_password_reset, email)
        dispatcher.utter_message(response="utter_account_access_link", email=email)
        return Outcome("link_sent", solved=True)
