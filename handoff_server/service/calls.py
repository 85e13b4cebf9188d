"""A person is called without the assistant: by the control, by a word, or because the assistant has failed."""

from dataclasses import replace
from typing import Any

from handoff_server.conversations import Conversation
from handoff_server.message import Message
from handoff_server.service import callbacks
from handoff_server.service.bot_events import tell_bot
from handoff_server.service.handoffs import Nobody, find_team, fresh_handoff, open_handoff
from handoff_server.service.leaving import ASK_CALLBACK, promise
from handoff_server.service.speech import tell
from handoff_server.spoken_time import spoken
from handoff_server.texts import say
from handoff_server.transaction import Tx


def call_person(tx: Tx, conversation: Conversation, message: Message, rule: str) -> None:
    """The customer has asked for one in a way that nobody can misunderstand."""
    evidence = _evidence(rule, {}, message)
    fresh = fresh_handoff(tx, conversation, "customer_request", evidence, None, None)
    team = find_team(tx, fresh.team)
    if not isinstance(team, Nobody):
        open_handoff(tx, conversation, fresh, team)
        return
    # The hub answers this message; the bot need not.
    conversation = replace(conversation, turned_id=message.id)
    tx.save(conversation)
    conversation = tell(tx, conversation, _nobody(tx, conversation, team))
    tell_bot(tx, conversation, ASK_CALLBACK)


def hand_over(tx: Tx, conversation: Conversation, why: str, turn_id: str | None = None) -> None:
    """The bot has failed, `why` is a code: people get the conversation and the customer hears of it."""
    evidence = _evidence("bot_failure", {"error": why}, None)
    fresh = fresh_handoff(tx, conversation, "bot_failure", evidence, turn_id, None)
    team = find_team(tx, fresh.team)
    if isinstance(team, Nobody):
        tx.save(conversation)
        why = f"{say(conversation.language, 'closed_failure')} {_nobody(tx, conversation, team)}"
        promise(tx, conversation, why, stands_for=fresh)
    else:
        open_handoff(tx, conversation, fresh, team)


def event_ended(tx: Tx, conversation: Conversation, event: str, said: bool) -> None:
    """The bot could not ask how to reach the customer: then the answer comes here."""
    left_open = event == f"/{ASK_CALLBACK}" and not said and conversation.owner == "bot"
    if left_open and not callbacks.is_promised(tx, conversation.id):
        promise(tx, conversation, "")


def _nobody(tx: Tx, conversation: Conversation, nobody: Nobody) -> str:
    """The truth."""
    if nobody.why == "nobody":
        return say(conversation.language, "closed_nobody")
    if nobody.opens_at is None:
        return say(conversation.language, "closed_hours")
    when = spoken(conversation.language, nobody.opens_at, tx.at, tx.policy.team(None).hours.zone)
    return say(conversation.language, "closed_until", when=when)


def _evidence(rule: str, values: dict[str, Any], message: Message | None) -> dict[str, Any]:
    found = {"message_id": message.id, "text": message.text} if message else {"message_id": None, "text": None}
    return {"rule": rule, "rule_version": "1", "values": values} | found
