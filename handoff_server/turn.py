from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """What was given to the bot under `id`, and what became of it: posted, answered or failed."""

    id: str
    conversation_id: str
    stretch: int
    epoch: int
    state: str
    event: str | None = None  # what the hub itself told the bot; None: what the customer said
