"""What was said, to keep: a link that is good for a week."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.handoff_client import NobodyReached, link_transcript
from actions.report import skill_report

logger = logging.getLogger(__name__)
TOPIC = "transcript"


class ActionTranscript(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return f"action_{TOPIC}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        try:
            link = await asyncio.to_thread(link_transcript, tracker)
        except NobodyReached as trouble:
            logger.warning("transcript.not_made %s", trouble)
            dispatcher.utter_message(response="utter_transcript_failed")
            return skill_report(tracker, TOPIC, "unavailable")
        dispatcher.utter_message(response="utter_transcript", link=link)
        return skill_report(tracker, TOPIC, "told")
