"""Lives put into a database as the hub would have, events and what measures ask of other rows."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import Conversation
from handoff_server.lives import Event


def empty(connection: sa.Connection) -> None:
    for table in reversed(t.metadata.sorted_tables):
        connection.execute(table.delete())


def put(
    connection: sa.Connection,
    told: Sequence[Sequence[Event]],
    written_at: dict[int, int],
    places: Sequence[tuple[str, str]] = (("web", "es"), ("whatsapp", "en"), ("web", "en")),
) -> None:
    """One conversation for each list of events, of the next channel and language; messages of these ids and times."""
    connection.execute(t.customers.insert(), [{"id": "p", "created_at": 0}])
    held = [(events[0].conversation_id, place) for events, place in zip(told, cycle(places), strict=False) if events]
    rows = [_conversation(name, *place) for name, place in held]
    if rows:
        connection.execute(t.conversations.insert(), rows)
    if rows and written_at:
        connection.execute(t.messages.insert(), [_message(rows[0]["id"], *one) for one in written_at.items()])
    events = sorted((event for one in told for event in one), key=lambda event: event.at)
    if events:
        connection.execute(t.events.insert(), [_event(seq, event) for seq, event in enumerate(events, start=1)])


def _conversation(name: str, channel: str, language: str) -> dict[str, Any]:
    return vars(
        Conversation(
            id=name,
            customer_id="p",
            channel=channel,
            account="demo",
            external_id=name,
            language=language,
            created_at=0,
            updated_at=0,
        )
    )


def _message(conversation_id: str, message_id: int, at: int) -> dict[str, Any]:
    said = {"direction": "incoming", "author": "customer", "text": "…", "buttons": [], "private": False}
    about = {"id": message_id, "conversation_id": conversation_id, "channel": "web", "account": "demo"}
    return about | said | {"delivery": "delivered", "epoch": 1, "created_at": at}


def _event(seq: int, event: Event) -> dict[str, Any]:
    return {
        "seq": seq,
        "name": event.name,
        "conversation_id": event.conversation_id,
        "after_message_id": 0,
        "actor_kind": "agent" if event.actor else "system",
        "actor_id": event.actor,
        "epoch": 1,
        "case_id": event.case_id,
        "handoff_id": event.handoff_id,
        "data": dict(event.data),
        "at": event.at,
    }
