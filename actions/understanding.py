"""What to say when the assistant did not understand: honest the first time, a person by button the second."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.backoffice.shop import ShopUnavailable
from actions.buttons import MOST
from actions.faq import tell_known_answer
from actions.person_button import person_button
from actions.reading import Message, order_number_in
from actions.report import skill_report
from actions.solved import ask_solved
from actions.survey import late_answer
from actions.survey_answer import hangs_in_the_air, number_in
from actions.wishes import WISHES, wish_button

LIKELY = 0.2  # each of several wishes in one message, which share what is sure
SEVERAL = 0.9  # together: with less, it is one wish, and only not clear which


class ActionNotUnderstood(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """First of all the shop's own questions and answers: a company adds to them what no intent was trained for.

    Several wishes in one message are understood, only not which comes first: that is asked, and is no failure; the rest
    waits (actions/also.py). Nor is one wish that could be either of two.
    """

    def name(self) -> str:
        return "action_not_understood"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        survey, typed = tracker.get_slot("survey"), Message.of(tracker.latest_message).typed
        if hangs_in_the_air(survey) and number_in(typed, f"survey_{survey['asks']}") is not None:
            return await late_answer(dispatcher, tracker)
        if await _answered(dispatcher, tracker):
            asked = ask_solved(dispatcher, tracker)
            return [SlotSet("failures", 0), *skill_report(tracker, "faq", "answered"), *asked]
        if order_number_in(tracker.latest_message.get("text") or ""):  # whoever only names an order wants to know of it
            return [SlotSet("failures", 0), FollowupAction("order_status_form")]
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        wishes = _likely_wishes(tracker.latest_message) if intent == "nlu_fallback" else {}
        if len(wishes) > 1:
            person, offered = person_button(tracker)
            choices = [wish_button(wish, tracker.get_slot("language")) for wish in wishes]
            choices = [*choices[: MOST - len(person)], *person]
            several = sum(wishes.values()) >= SEVERAL
            question = "utter_which_first" if several else "utter_which_one"
            dispatcher.utter_message(response=question, buttons=choices)
            return [SlotSet("failures", 0), SlotSet("also", [*wishes] if several else None), *offered]
        dispatcher.utter_message(response=_confession(tracker, intent))
        return []


def _confession(tracker: Tracker, intent: str | None) -> str:
    if int(tracker.get_slot("failures") or 0) <= 1:
        return "utter_out_of_scope" if intent == "out_of_scope" else "utter_not_understood"
    return "utter_not_understood_again"  # and behind it a person is offered


def _likely_wishes(message: dict[str, Any]) -> dict[str, float]:
    """With how sure they are, the likeliest first."""
    ranking = [(one["name"], float(one["confidence"])) for one in message.get("intent_ranking") or []]
    return dict([(name, sure) for name, sure in ranking if name in WISHES and sure >= LIKELY][:MOST])


async def _answered(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    try:
        return await tell_known_answer(dispatcher, tracker)
    except ShopUnavailable:
        return False
