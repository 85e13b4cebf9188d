"""What every skill does at its end: speaks, reports its outcome, asks for what else was meant or whether it was solved,
forgets answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.also import ask_also
from actions.backoffice.shop import NotPossible, Order, ShopUnavailable
from actions.form import slots_of
from actions.hearing import PAIR
from actions.report import skill_report, turn_id
from actions.solved import ask_solved
from actions.verification import proven_order


@dataclass(frozen=True)
class Outcome:
    """`name` is what the hub counts, None when the skill only asks on. After what is `solved` the customer is asked
    whether it really was."""

    name: str | None
    solved: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)


class Skill(Action, ABC):  # type: ignore[misc]  # rasa-sdk has no types
    """`action_<topic>`, at the end of the topic's form or at once after its intent."""

    topic = ""
    keeps: Sequence[str] = PAIR  # the form's slots that outlive it

    def name(self) -> str:
        return f"action_{self.topic}"

    @abstractmethod
    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        """Does and tells. ShopUnavailable and NotPossible may pass: they are answered for all skills alike."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        try:
            outcome = await self.act(dispatcher, tracker)
        except ShopUnavailable:
            dispatcher.utter_message(response="utter_shop_unavailable")
            failures = int(tracker.get_slot("failures") or 0) + 1
            outcome = Outcome("unavailable", events=[SlotSet("failures", failures)])
        except NotPossible as refused:
            dispatcher.utter_message(response=self._refusal(refused.code, domain))
            outcome = Outcome(refused.code)
        asked = ask_also(dispatcher, tracker, self.topic) if outcome.name not in (None, "unavailable") else []
        if not asked and outcome.solved:
            asked = ask_solved(dispatcher, tracker)
        forgotten = [SlotSet(slot, None) for slot in slots_of(self.topic, domain) if slot not in self.keeps]
        report = skill_report(tracker, self.topic, outcome.name) if outcome.name else []
        return [*forgotten, *outcome.events, *report, *asked]

    def key(self, tracker: Tracker) -> str:
        """Repeating the same turn changes nothing twice."""
        return f"{turn_id(tracker)}:{self.name()}"

    def _refusal(self, code: str, domain: DomainDict) -> str:
        own = f"utter_{self.topic}_{code}"
        return own if own in (domain.get("responses") or {}) else "utter_not_possible"


class OrderSkill(Skill, ABC):
    """About the order that the form has verified. `call` as in the form."""

    call = ""

    @abstractmethod
    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome: ...

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        order = await proven_order(tracker)
        if order is None:  # the shop did not answer the form, and now it knows of no such pair
            dispatcher.utter_message(response="utter_order_no_match")
            return Outcome("not_found")
        if self.call in order.refusals:
            raise NotPossible(order.refusals[self.call])
        return await self.act_on(order, dispatcher, tracker)
