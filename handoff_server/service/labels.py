"""What a customer meant, where the assistant heard something else: an agent says so, and designers learn from it."""

from handoff_server.conversations import SUPERVISORS
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.transaction import Tx


def label(tx: Tx, agent: Agent, message_id: int, intent: str | None) -> None:
    """The message is labelled with a known intent, or (None) with none any more. Said again, nothing happens."""
    message = tx.message_with_id(message_id)
    if message is None or message.author != "customer" or message.payload is not None:
        raise Refusal("invalid_request", f"message {message_id} was not typed by a customer; label one that was")
    before = message.label
    if (before or {}).get("intent") == intent:
        return
    if intent is None and before and before["agent_id"] != agent.id and agent.role not in SUPERVISORS:
        raise Refusal("forbidden", "only who gave a label, or a supervisor, may take it back; give another one")
    given = {"intent": intent, "agent_id": agent.id, "agent_name": agent.name, "at": tx.at} if intent else None
    tx.update_messages([message_id], label=given)
    conversation = tx.conversation(message.conversation_id)
    tx.record("message.updated", agent.actor, conversation=conversation, message_id=message_id)
