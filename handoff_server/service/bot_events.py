"""What the hub tells the bot by itself: an event that starts a dialogue, through the same door as customers' words."""

import json
from typing import Any

from handoff_server.conversations import Conversation
from handoff_server.transaction import Tx


def tell_bot(tx: Tx, conversation: Conversation, event: str, **slots: Any) -> None:
    """`/event{slots}` becomes a turn of its own, unless the customer writes first or a person takes over."""
    payload = f"/{event}{json.dumps(slots, ensure_ascii=False)}" if slots else f"/{event}"
    job = {"conversation_id": conversation.id, "payload": payload, "epoch": conversation.epoch}
    tx.add_job("bot_turn", conversation.id, job)
