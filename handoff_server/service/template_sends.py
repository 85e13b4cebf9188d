"""An agent's way to write when the platform's time for answers is over."""

from collections.abc import Sequence

from handoff_server.conversations import may_speak
from handoff_server.message import Message
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.replies import answered, refusal
from handoff_server.service.speech import speak
from handoff_server.service.wording import kept
from handoff_server.templates import CHANNELS, Template
from handoff_server.transaction import Tx


def send_template(
    tx: Tx,
    agent: Agent,
    conversation_id: str,
    epoch: int,
    client_message_id: str,
    template: Template,
    values: Sequence[str],
) -> Message:
    """The message, committed. Repeated with the same client id: the message that is already there."""
    text = kept(template.filled(values))
    if known := tx.message_of(agent.id, client_message_id):
        if (known.conversation_id, known.text) != (conversation_id, text):
            raise Refusal("idempotency_conflict", "this client_message_id was used for another message; take a new one")
        return known
    conversation = tx.conversation(conversation_id)
    if conversation.channel not in CHANNELS:
        raise Refusal("invalid_request", f"{conversation.channel} has no templates; write instead")
    if not may_speak(conversation, "agent", agent.id, epoch):
        raise refusal(conversation, agent, epoch)
    told = {"name": template.name, "language": template.language, "values": [" ".join(one.split()) for one in values]}
    more = {"client_message_id": client_message_id, "template": told}
    conversation, message = speak(tx, conversation, agent.actor, text, epoch, **more)
    answered(tx, agent, conversation)
    return message
