"""What those who wait hear of it: the truth, and what they can do instead of waiting."""

import sqlalchemy as sa

from handoff_server import people
from handoff_server import tables as t
from handoff_server.conversations import SYSTEM, Conversation, Handoff
from handoff_server.expectation import LATELY_MS, expected_wait_ms, told_minutes
from handoff_server.routing import places
from handoff_server.service.leaving import CHOICES, payload_of
from handoff_server.service.speech import offer, speak
from handoff_server.texts import plural, say
from handoff_server.transaction import Tx

SAMPLE = 50


def tell_news(tx: Tx, conversation: Conversation, handoff: Handoff) -> None:
    language, team = conversation.language, tx.policy.team(handoff.team).id
    place = places(tx.waiting()).get(conversation.id, 1)
    if people.count_online(tx.connection, tx.at, tx.policy)[team]:
        told = say(language, "queue_next" if place == 1 else "queue_place", position=place)
        told += _expected(tx, language, handoff.team, place)
    else:
        told = say(language, "queue_nobody", position=place)
    text = f"{told} {say(language, 'queue_choice')}"
    _conversation, message = speak(tx, conversation, SYSTEM, text, conversation.epoch)
    offer(tx, message, [{"title": say(language, f"queue_{one}"), "payload": payload_of(one)} for one in CHOICES])


def _expected(tx: Tx, language: str, team: str, place: int) -> str:
    h = t.handoffs.c
    lately = sa.select(h.assigned_at).where(h.team == team, h.assigned_at > tx.at - LATELY_MS)
    taken = tx.connection.scalars(lately.order_by(h.assigned_at.desc()).limit(SAMPLE)).all()
    wait_ms = expected_wait_ms(taken, place)
    if wait_ms is None:
        return ""
    minutes = told_minutes(wait_ms)
    return " " + (say(language, "queue_long") if minutes is None else plural(language, "queue_minutes", minutes))
