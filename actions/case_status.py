"""How the customer's case stands: the state, since when, who has it. By the key that was quoted, else the last one."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.handoff_client import NobodyReached, find_case
from actions.report import skill_report
from actions.settled import tell_settled
from actions.wording import ago, opening

logger = logging.getLogger(__name__)
TOPIC = "case_status"
# The letters and digits of a key; one in two parts of letters only would be words.
_KEY = re.compile(r"\b(?=[\w-]*\d|[A-Z]{4}-)([2-9A-HJKMNP-TV-Z]{4})[-\s]?([2-9A-HJKMNP-TV-Z]{4})\b", re.IGNORECASE)


class ActionCaseStatus(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return f"action_{TOPIC}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        key = key_in(tracker.latest_message.get("text") or "")
        try:
            case = await asyncio.to_thread(find_case, tracker, key)
        except NobodyReached as trouble:
            logger.warning("case.not_found_out %s", trouble)
            dispatcher.utter_message(response="utter_case_unavailable")
            return skill_report(tracker, TOPIC, "unavailable")
        if case is None:
            dispatcher.utter_message(response="utter_case_unknown" if key else "utter_case_none", key=key)
            return skill_report(tracker, TOPIC, "not_found")
        _tell(dispatcher, case, tracker.get_slot("language"))
        told = tell_settled(dispatcher, tracker) if case["state"] in ("closed", "with_bot") else []
        return [*told, *skill_report(tracker, TOPIC, "told")]


def key_in(text: str) -> str | None:
    """`ABCD-EFGH` from "abcd-efgh" or a sentence around it."""
    found = _KEY.search(text)
    return f"{found[1]}-{found[2]}".upper() if found else None


def _tell(dispatcher: CollectingDispatcher, case: dict[str, Any], language: str) -> None:
    state = f"closed_{case['outcome']}" if case["state"] == "closed" else case["state"]
    dispatcher.utter_message(
        response=f"utter_case_{state}",
        key=case["key"] or "—",
        since=ago(case["since"], int(time.time() * 1000), language),
        when=opening(case["due_at"], case.get("time_zone"), language),
        agent_name=case["agent_name"] or "",
    )
