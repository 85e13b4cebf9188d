"""What a customer came for."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Case:
    """`tracking_key` is what the customer can quote, `topic` the first need that was understood.

    `outcome`: confirmed (by the customer's yes), resolved (by an agent), unconfirmed (silence), left.
    `reopened` counts how often it came back.
    """

    id: str
    conversation_id: str
    tracking_key: str | None = None
    topic: str | None = None
    opened_at: int
    answered_at: int | None = None  # the bot's first answer
    closed_at: int | None = None
    outcome: str | None = None
    reopened: int = 0
    handoff_id: str | None = None  # the last one of it
