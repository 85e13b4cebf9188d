"""How a wait ends without an agent: the customer prefers something else, or the team goes home. And what is promised
when nobody can be reached in the first place."""

from dataclasses import replace
from typing import Literal

from handoff_server import conversations as rules
from handoff_server.conversations import SYSTEM, Actor, Conversation, Handoff
from handoff_server.service import callbacks, cases, handoffs
from handoff_server.service.bot_events import tell_bot
from handoff_server.service.handoffs import Nobody, find_team, keep, wait_line
from handoff_server.service.keywords import means
from handoff_server.service.speech import announce, tell
from handoff_server.spoken_time import spoken
from handoff_server.texts import say
from handoff_server.transaction import Tx

CUSTOMER = Actor("customer")
Choice = Literal["back_to_bot", "callback", "leave"]
CHOICES: tuple[Choice, ...] = ("back_to_bot", "callback", "leave")
LATER_MS = 60 * 60 * 1000  # who does not want to wait now is not answered at once
SOON_MS = 60_000
ASK_CALLBACK = "ask_callback"
_PREFIX = "/hub_"


def payload_of(choice: Choice) -> str:
    return f"{_PREFIX}{choice}"


def choice_of(text: str, payload: str | None) -> Choice | None:
    """What a customer who waits wants instead: by a button of the news, or by a word alone."""
    for choice in CHOICES:
        if payload == payload_of(choice) or (payload is None and means(f"queue_{choice}_words", text)):
            return choice
    return None


def for_the_bot(payload: str | None) -> str | None:
    """A button that was meant for the wait, pressed later, is no more than its words."""
    return None if payload and payload.startswith(_PREFIX) else payload


def choose(tx: Tx, conversation: Conversation, choice: Choice) -> None:
    """What the customer said stands in the log already."""
    if choice == "back_to_bot":
        handoffs.cancel(tx, conversation.id)
    elif choice == "callback":
        moved = _expire(tx, conversation, "callback", CUSTOMER)
        moved = promise(tx, moved, say(moved.language, "queue_later"), not_before=tx.at + LATER_MS)
        tell_bot(tx, moved, ASK_CALLBACK)  # perhaps another way to be reached is better
    else:
        step = rules.cancel(conversation, tx.handoff(conversation.handoff_id), tx.at, "left")
        moved = announce(tx, keep(tx, step, CUSTOMER), "queue_left")
        cases.close(tx, moved, "left", CUSTOMER)


def go_home(tx: Tx, handoff: Handoff) -> None:
    """The team closes. Another one may stand in; else the customer hears that, and what is promised instead."""
    conversation = tx.conversation(handoff.conversation_id)
    team = find_team(tx, handoff.team)
    if isinstance(team, Nobody):
        moved = _expire(tx, conversation, "closing", SYSTEM)
        moved = promise(tx, moved, say(moved.language, "queue_expired"))
        tell_bot(tx, moved, "handoff_expired")
    elif team.id == handoff.team:  # it has opened again meanwhile
        tx.save_handoff(replace(handoff, queued_at=tx.at))
    else:
        step = rules.transfer(conversation, handoff, SYSTEM, "supervisor", conversation.epoch, tx.at, team.id, "closed")
        moved = keep(tx, step, SYSTEM)
        told = say(moved.language, "transferred_team", team=team.name[moved.language])
        tell(tx, moved, f"{told} {wait_line(tx, moved)}")


def promise(
    tx: Tx, conversation: Conversation, first: str, not_before: int = 0, stands_for: Handoff | None = None
) -> Conversation:
    """An answer in this conversation as soon as somebody can give it. `first`: why, said before that."""
    due_at = callbacks.take(tx, conversation, None, not_before=not_before, stands_for=stands_for)
    conversation = tx.conversation(conversation.id)
    language = conversation.language
    if due_at > tx.at + SOON_MS:
        zone = tx.policy.team(None).hours.zone
        promised = say(language, "promised_at", when=spoken(language, due_at, tx.at, zone))
    else:
        promised = say(language, "promised_soon")
    return tell(tx, conversation, f"{first} {promised}{cases.key_told(tx, conversation)}".strip())


def _expire(tx: Tx, conversation: Conversation, why: str, actor: Actor) -> Conversation:
    return keep(tx, rules.expire(conversation, tx.handoff(conversation.handoff_id), tx.at, why), actor)
