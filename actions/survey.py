"""How it went, in the customer's words: a number from 1 to 5, one from 0 to 10, a comment. Each is kept at once.

The survey never stands in the way: it can be skipped, an answer that is none is asked for once more, and whoever asks
something else is answered, and not asked again.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import since_customer, slots_of
from actions.handoff_client import NobodyReached, answer_survey
from actions.reading import Message
from actions.report import skill_report
from actions.survey_answer import ASKED, RANGES, SKIP, Answer, answer_in, number_in

logger = logging.getLogger(__name__)
TOPIC = "survey"
FORM = "survey_form"
Events = list[dict[str, Any]]


class SurveyForm(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        turn = {event.get("event") for event in since_customer(tracker)}
        if "active_loop" in turn:
            return _begun(tracker, domain)
        if "action_execution_rejected" in turn:  # something else was meant, and has been answered
            return _asks(None)
        answer = answer_in(Message.of(tracker.latest_message), tracker.get_slot("requested_slot"))
        if answer.aside:
            return [ActionExecutionRejected(FORM)]
        return await _taken(dispatcher, tracker, domain, answer)


class ActionSurvey(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """The form is over. What was to be said has been said; an answer that comes later is about the same survey."""

    def name(self) -> str:
        return "action_survey"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        missing = next((slot for slot in RANGES if tracker.get_slot(slot) is None), None)
        survey = tracker.get_slot(TOPIC) or {}
        left = {**survey, "asks": missing.removeprefix("survey_")} if missing else None
        return [SlotSet(TOPIC, left), *(SlotSet(slot, None) for slot in (*ASKED, "survey_tries"))]


class ActionRate(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """An answer outside of the survey: another button of it."""

    def name(self) -> str:
        return "action_rate"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        return await late_answer(dispatcher, tracker)


class _Ask(Action):  # type: ignore[misc]  # rasa-sdk has no types
    slot = ""

    def name(self) -> str:
        return f"action_ask_{self.slot}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        again = bool(tracker.get_slot("survey_tries"))
        dispatcher.utter_message(response=f"utter_ask_{self.slot}{'_again' if again else self.about(tracker)}")
        return []

    def about(self, tracker: Tracker) -> str:
        return "_first"


class AskSurveyCsat(_Ask):
    slot = "survey_csat"

    def about(self, tracker: Tracker) -> str:
        return "_bot" if (tracker.get_slot(TOPIC) or {}).get("by") == "bot" else "_human"


class AskSurveyNps(_Ask):
    slot = "survey_nps"


async def late_answer(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """An answer outside of the survey, by button or typed; the hub knows whether it still counts."""
    message, survey = Message.of(tracker.latest_message), tracker.get_slot(TOPIC) or {}
    pressed = message.entities.get("csat")
    asked = "survey_csat" if pressed else f"survey_{survey.get('asks')}"
    number = number_in(str(pressed or message.typed), asked) if asked in RANGES else None
    if number is None:
        dispatcher.utter_message(response="utter_go_on")
        return []
    status = await _keep(tracker, Answer(asked, number))
    dispatcher.utter_message(response="utter_survey_thanks" if status == "kept" else f"utter_survey_{status}")
    return [SlotSet("failures", 0), *skill_report(tracker, TOPIC, status)]


def _begun(tracker: Tracker, domain: DomainDict) -> Events:
    told = Message.of(tracker.latest_message).entities
    survey = {"id": told.get("survey"), "by": told.get("by")}
    return [
        SlotSet(TOPIC, survey),
        *(SlotSet(slot, None) for slot in (*ASKED, "survey_tries")),
        *_asks(slots_of(TOPIC, domain)[0]),
    ]


async def _taken(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict, answer: Answer) -> Events:
    if answer.value is None:
        return _asked_once_more(dispatcher, tracker, answer.slot)
    asked = tracker.get_slot("requested_slot")
    if answer.value != SKIP:
        status = await _keep(tracker, answer)
        if status != "kept":
            dispatcher.utter_message(response=f"utter_survey_{status}")
            return [*skill_report(tracker, TOPIC, status), *_asks(None)]
    then = (
        _after(asked, domain) if answer.slot == asked else asked
    )  # a corrected number changes nothing about what is asked
    if then is None:
        dispatcher.utter_message(response="utter_survey_thanks")
    outcome = "skipped" if answer.value == SKIP else "kept"
    told = [SlotSet(answer.slot, str(answer.value)), SlotSet("survey_tries", 0)]
    return [*told, *skill_report(tracker, TOPIC, outcome), *_asks(then)]


def _asked_once_more(dispatcher: CollectingDispatcher, tracker: Tracker, slot: str) -> Events:
    if tracker.get_slot("survey_tries"):
        dispatcher.utter_message(response="utter_survey_let_go")
        return [*skill_report(tracker, TOPIC, "let_go"), *_asks(None)]
    return [SlotSet("survey_tries", 1), *skill_report(tracker, TOPIC, "asked_again"), *_asks(slot)]


async def _keep(tracker: Tracker, answer: Answer) -> str:
    """`kept`, `closed` when it is too late, `failed` when the hub did not take it."""
    survey = tracker.get_slot(TOPIC) or {}
    try:
        given = {answer.slot.removeprefix("survey_"): answer.value}
        return await asyncio.to_thread(answer_survey, tracker, survey.get("id"), **given)
    except NobodyReached as trouble:
        logger.warning("survey.not_kept %s", trouble)
        return "failed"


def _after(asked: str, domain: DomainDict) -> str | None:
    """In the order of the domain, which designers may change."""
    order = slots_of(TOPIC, domain)
    return next(iter(order[order.index(asked) + 1 :]), None)


def _asks(slot: str | None) -> Events:
    """Nothing left to ask ends the form."""
    return [SlotSet("requested_slot", slot)]
