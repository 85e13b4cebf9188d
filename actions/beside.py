"""An agent asks the assistant beside a conversation: it answers the agent, and calls and tells nobody."""

from __future__ import annotations

from rasa_sdk import Tracker

# What would reach the customer or the hub's queue. The agent who asks is the person.
NOT_HERE = (
    "human_handoff",
    "transcript",
    "cancel_callback",
    "ask_callback",
    "handoff_resolved",
    "handoff_expired",
    "rate",
    "skip",
)


def is_beside(tracker: Tracker) -> bool:
    """By the sender (contract/v1/turn_request), which nothing that is typed can change."""
    return ".ask." in str(tracker.sender_id)


def refused_here(tracker: Tracker) -> str | None:
    """A reason to end this turn at once, for the slot `handoff_reason`."""
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    return "beside" if is_beside(tracker) and intent in NOT_HERE else None
