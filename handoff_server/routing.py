"""The order of the queue. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """One queued handoff."""

    handoff_id: str
    conversation_id: str
    requested_at: int


def queue_order(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Who waits longest is first; equal times keep one order by id."""
    return sorted(waiting, key=lambda one: (one.requested_at, one.handoff_id))


def position(waiting: Sequence[Waiting], conversation_id: str) -> int | None:
    """1 for the next one to be served; None for a conversation that does not wait."""
    for place, one in enumerate(queue_order(waiting), start=1):
        if one.conversation_id == conversation_id:
            return place
    return None
