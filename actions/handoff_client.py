"""What the assistant asks of the hub: a person, a call back, an answer kept, a case, a transcript (contract/v1)."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

import requests
from rasa_sdk import Tracker

from actions.report import turn_id

# Nested in the hub's own deadline for a turn (8 s): the customer must still hear that it did not work.
SECONDS = 3.0


class NobodyReached(Exception):
    """The hub did not do it. The text is a code for the log; `status` is HTTP's, None when there was no answer."""

    def __init__(self, code: str, status: int | None = None) -> None:
        super().__init__(code)
        self.status = status


def request_handoff(body: dict[str, Any]) -> dict[str, Any]:
    """The `handoff_response` to a `handoff_request`. Safe to repeat: the hub knows the turn. Blocking: use a thread."""
    return _ask("post", "handoffs", json=body)


def request_callback(tracker: Tracker, contact: str | None, cancel: bool = False) -> dict[str, Any]:
    """The `callback_response`. `contact`: telephone or e-mail; None: in the conversation. Blocking."""
    return _ask(
        "post", "callbacks", json={**_turn(tracker), "contact": contact, **({"cancel": True} if cancel else {})}
    )


def answer_survey(tracker: Tracker, survey_id: str | None, **answer: Any) -> str:
    """`kept` or `closed`. `answer`: one of csat, nps, comment. Without an id it is about the last survey. Blocking."""
    answered = _ask("post", "surveys", json={**_turn(tracker), "survey_id": survey_id, **answer})
    return str(answered["status"])


def find_case(tracker: Tracker, key: str | None) -> dict[str, Any] | None:
    """The `case_response` for a key, or for this conversation; None where there is no such case. Blocking."""
    try:
        if key:
            return _ask("get", f"cases/{quote(key, safe='')}")
        return _ask("get", "cases", params={"sender": tracker.sender_id})
    except NobodyReached as trouble:
        if trouble.status == 404:
            return None
        raise


def link_transcript(tracker: Tracker) -> str:
    """The address of what has been said so far. Blocking."""
    return str(_ask("post", "transcripts", json=_turn(tracker))["url"])


def _turn(tracker: Tracker) -> dict[str, Any]:
    return {"version": 1, "sender": tracker.sender_id, "turn_id": turn_id(tracker)}


def _ask(method: str, path: str, **more: Any) -> dict[str, Any]:
    url = os.environ.get("SERVER_URL", "").rstrip("/")
    if not url:
        raise NobodyReached("no_server")
    headers = {"Authorization": f"Bearer {os.environ.get('HANDOFF_TOKEN', '')}"}
    try:
        answer = requests.request(method, f"{url}/api/v1/{path}", headers=headers, timeout=SECONDS, **more)
        answered: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise NobodyReached(type(error).__name__) from None
    if answer.status_code not in (200, 201):
        raise NobodyReached(f"status_{answer.status_code}", answer.status_code)
    return answered
