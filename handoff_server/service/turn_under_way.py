"""What the assistant's actions ask of the hub, they ask for the turn that is under way."""

from typing import Any

from handoff_server.conversations import Conversation
from handoff_server.refusal import Refusal
from handoff_server.sender import conversation_of as asking
from handoff_server.transaction import Tx


def conversation_of(tx: Tx, body: dict[str, Any]) -> Conversation:
    """Of `sender` and `turn_id`. Refusal `stale_turn` when that turn is over: nobody waits for the answer any more."""
    conversation = tx.conversation(asking(body["sender"]))
    turn = tx.turn(body["turn_id"])
    if turn is None or turn.conversation_id != conversation.id or turn.state != "posted":
        raise Refusal("stale_turn", f"turn {body['turn_id']} is not under way; do not repeat it")
    return conversation
