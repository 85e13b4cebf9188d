"""A small dump in which all went well, for planting faults: one customer in the widget who is answered by the bot, asks
for a person and gets one; one on WhatsApp whom the bot answers."""

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t

WEB, PHONE = "c1", "c2"
AT = 1_800_000_000_000
# id, conversation, author, text, turn, client id, owner before it
TALK: tuple[tuple[int, str, str, str, str | None, str | None], ...] = (
    (1, WEB, "customer", "hola", "t1", "w-1"),
    (2, WEB, "bot", "¡Hola!", "t1", None),
    (3, PHONE, "customer", "hi", "t2", None),
    (4, PHONE, "bot", "Hello!", "t2", None),
    (5, WEB, "customer", "una persona", None, "w-2"),
    (6, WEB, "system", "Claro, te paso con una persona.", None, None),
    (7, WEB, "system", "Marta se unió.", None, None),
    (8, WEB, "agent", "¿En qué ayudo?", None, "a-1"),
)
STORY = (
    ("message.received", WEB, 1),
    ("message.sent", WEB, 2),
    ("message.received", PHONE, 3),
    ("message.sent", PHONE, 4),
    ("message.received", WEB, 5),
    ("handoff.requested", WEB, None),
    ("message.sent", WEB, 6),
    ("handoff.assigned", WEB, None),
    ("message.sent", WEB, 7),
    ("message.sent", WEB, 8),
)


class Scene:
    """`write` puts it into a folder. Before that, `rows` and `lines` may be spoiled."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {
            "customers": [{"id": "p1", "created_at": AT}, {"id": "p2", "created_at": AT}],
            "agents": [_agent("marta"), _agent("jorge")],
            "conversations": [
                _conversation(WEB, "p1", "web", owner="agent", epoch=3, assignee_id="marta", handoff_id="h1"),
                _conversation(PHONE, "p2", "whatsapp", owner="bot", epoch=1),
            ],
            "messages": [_message(*said) for said in TALK],
            "handoffs": [_handoff("h1", WEB)],
            "turns": [_turn("t1", WEB), _turn("t2", PHONE)],
            "jobs": [],
            "events": [_event(seq, *told) for seq, told in enumerate(STORY, 1)],
        }
        self.lines: list[dict[str, Any]] = []
        self._tell()

    def row(self, table: str, key: Any) -> dict[str, Any]:
        return next(row for row in self.rows[table] if row.get("id", row.get("seq")) == key)

    def line(self, what: str, **facts: Any) -> dict[str, Any]:
        return next(
            one
            for one in self.lines
            if one["what"] == what and all(one.get(name) == value for name, value in facts.items())
        )

    def note(self, who: str, what: str, **facts: Any) -> None:
        self.lines.append({"at": AT + len(self.lines) * 100, "who": who, "what": what, **facts})

    def drop(self, what: str, **facts: Any) -> None:
        self.lines.remove(self.line(what, **facts))

    def write(self, folder: Path) -> Path:
        engine = sa.create_engine(f"sqlite:///{folder}/relevo.db")
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
            t.metadata.create_all(connection)
            # A fault that the database itself forbids is planted all the same: the audit must not lean on it.
            connection.exec_driver_sql("DROP INDEX uq_handoffs_open")
            for table, rows in self.rows.items():
                for row in rows:
                    connection.execute(t.metadata.tables[table].insert().values(**row))
        engine.dispose()
        (folder / "plan.json").write_text(json.dumps({"seed": 0}), "utf-8")
        told = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)
        (folder / "journal.jsonl").write_text(told, "utf-8")
        return folder

    def _tell(self) -> None:
        for message_id, identity, text in ((1, "w-1", "hola"), (5, "w-2", "una persona")):
            said = {"event": "send", "client_message_id": identity, "text": text}
            self.note("widget-0", "typed", **said)
            self.note("widget-0", "acknowledged", **said, message_id=message_id)
        self.note("platform", "said", customer="34600000001", id="wamid.1")
        for turn, conversation, text, answer in (("t1", WEB, "hola", "¡Hola!"), ("t2", PHONE, "hi", "Hello!")):
            asked = {"sender": f"{conversation}.1", "text": text, "payload": None}
            self.note("rasa", "turn", conversation_id=conversation, turn_id=turn, **asked)
            self.note("rasa", "turn_answered", turn_id=turn, status=200, texts=[answer])
            self.note("rasa", "turn_over", turn_id=turn)
        body = {"to": "34600000001", "biz_opaque_callback_data": "4"}
        self.note("platform", "asked", body=body)
        self.note("platform", "taken", body=body, id="wamid.2")
        claim = {"event": "claim", "conversation_id": WEB, "epoch": 2}
        self.note("console-marta", "asked", **claim)
        self.note("console-marta", "answered", **claim, now=3)
        reply = {"event": "reply", "conversation_id": WEB, "epoch": 3, "client_message_id": "a-1", "private": False}
        self.note("console-marta", "asked", **reply)
        self.note("console-marta", "answered", **reply, message_id=8)
        for message_id, conversation, author, *_rest in TALK:
            if conversation == WEB:
                self.saw(message_id, author)
            self.note("console-marta", "frame", after=0, seq=0, reset=False, new=[message_id])
        self.note("harness", "rested", seconds=0.5, left=[], hub_now=AT + 10_000)
        shown = [{name: row[name] for name in _SHOWN} for row in self.rows["messages"]]
        self.note("console-marta", "shows", seq=10, conversations=self._views(), messages=shown)

    def saw(self, message_id: int, author: str) -> None:
        seen = {"id": message_id, "author": author, "conversation_id": WEB, "ordered": True, "connection": 1}
        self.note("widget-0", "saw", **seen)

    def _views(self) -> list[dict[str, Any]]:
        handoffs: dict[str, Any] = {WEB: {"id": "h1", "status": "assigned"}, PHONE: None}
        names = ("id", "owner", "epoch", "assignee_id")
        return [
            {name: row.get(name) for name in names} | {"handoff": handoffs[row["id"]]}
            for row in self.rows["conversations"]
        ]


_SHOWN = ("id", "conversation_id", "author", "text", "delivery", "private")


def _agent(name: str) -> dict[str, Any]:
    about = {"id": name, "email": name, "name": name, "role": "agent", "presence": "online"}
    return about | {"created_at": AT}


def _conversation(key: str, customer: str, channel: str, **more: Any) -> dict[str, Any]:
    place = {"id": key, "customer_id": customer, "channel": channel, "account": "x", "external_id": key}
    counts = {"stretch": 1, "stretch_turns": 1, "turned_id": 0, "last_message_id": 8, "unread": 0}
    return place | counts | {"language": "es", "carried": {}, "last_at": AT, "created_at": AT, "updated_at": AT} | more


def _message(
    key: int, conversation: str, author: str, text: str, turn: str | None, identity: str | None
) -> dict[str, Any]:
    incoming = author == "customer"
    external = f"wamid.{key - 2}" if conversation == PHONE else identity if incoming else None
    return {
        "id": key,
        "conversation_id": conversation,
        "channel": "web" if conversation == WEB else "whatsapp",
        "account": "x",
        "external_id": external,
        "client_message_id": identity,
        "direction": "incoming" if incoming else "outgoing",
        "author": author,
        "author_id": "marta" if author == "agent" else None,
        "text": text,
        "buttons": [],
        "private": False,
        "delivery": "delivered" if incoming else "sent",
        "epoch": 1,
        "turn_id": turn,
        "created_at": AT,
    }


def _handoff(key: str, conversation: str, status: str = "assigned") -> dict[str, Any]:
    story: dict[str, Any] = {"summary": {}, "collected": {}, "evidence": {}, "reason": "customer_request"}
    return story | {"id": key, "conversation_id": conversation, "status": status, "requested_at": AT}


def _turn(key: str, conversation: str) -> dict[str, Any]:
    return {
        "id": key,
        "conversation_id": conversation,
        "stretch": 1,
        "epoch": 1,
        "state": "answered",
        "posted_at": AT,
    }


def _event(seq: int, name: str, conversation: str, message_id: int | None) -> dict[str, Any]:
    place = max((said[0] for said in TALK[: seq - 1] if said[1] == conversation), default=0)
    if name == "handoff.requested":
        place = 5
    about = {"seq": seq, "name": name, "conversation_id": conversation, "message_id": message_id}
    return about | {"after_message_id": place, "actor_kind": "system", "data": {}, "at": AT}
