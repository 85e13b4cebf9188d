"""Asks the hub for a person (contract/v1/handoff_*)."""

from __future__ import annotations

import os
from typing import Any

import requests

# Nested in the hub's own deadline for a turn (8 s): the customer must still hear that it did not work.
SECONDS = 3.0


class NobodyReached(Exception):
    """The hub did not take the handoff. The text is a code for the log."""


def request_handoff(body: dict[str, Any]) -> dict[str, Any]:
    """The `handoff_response` to a `handoff_request`. Safe to repeat: the hub knows the turn. Blocking: use a thread."""
    url = os.environ.get("SERVER_URL", "").rstrip("/")
    if not url:
        raise NobodyReached("no_server")
    headers = {"Authorization": f"Bearer {os.environ.get('HANDOFF_TOKEN', '')}"}
    try:
        answer = requests.post(f"{url}/api/v1/handoffs", json=body, headers=headers, timeout=SECONDS)
        answered: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise NobodyReached(type(error).__name__) from None
    if answer.status_code not in (200, 201):
        raise NobodyReached(f"status_{answer.status_code}")
    return answered
