"""The widget's socket (docs/protocol.md §4): a token opens one conversation, from allow-listed sites only."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import socketio
import sqlalchemy as sa
import structlog

from handoff_server import tables as t
from handoff_server.arguments import integer, string, strings
from handoff_server.change import Change
from handoff_server.clock import now
from handoff_server.limits import Limit, source_of
from handoff_server.people import count_online
from handoff_server.refusal import Refusal
from handoff_server.routing import places
from handoff_server.service import accounts, erasure, handoffs, intake
from handoff_server.service.agent import Agent
from handoff_server.service.wording import written
from handoff_server.sockets.frames import Frames
from handoff_server.sockets.server import Answer, Bounds, socket_server
from handoff_server.store import Committed, Store
from handoff_server.teams import Policy
from handoff_server.waiting import waiting

log = structlog.get_logger()
SHOWN = ("sent", "delivered", "read")
MAX_RESUMED = 100
QUEUE_NEWS_SECONDS = 1
State = dict[str, Any]


class WidgetSocket:
    def __init__(
        self, store: Store, lets_in: Callable[[str], bool], per_source: int, link_to: Callable[[str], str]
    ) -> None:
        """`lets_in`: may a page of this origin connect; `per_source`: how many connections one address may hold;
        `link_to`: where a widget finds a file."""
        self._store = store
        self._link_to = link_to
        self._frames = Frames(self._missed)
        self._sessions: dict[str, str] = {}  # socket id → conversation id
        self._present: Counter[str] = Counter()  # open widgets of each conversation
        self._sources: dict[str, str] = {}  # of the conversations that are present
        self._told: dict[str, State] = {}  # what widgets of a conversation last heard by `state`
        self._queue_moved = asyncio.Event()
        self._telling = asyncio.Lock()
        self._messages = Limit(20, 10)
        self._signs = Limit(1, 2.5)
        self._messages_of_source = Limit(200, 10)
        self.on_typing: Callable[[str, str], Awaitable[None]] | None = None
        self.transcript_url: Callable[[str], str] = lambda _conversation_id: ""
        calls = {name: getattr(self, f"_{name}") for name in _EVENTS}
        self.server = socket_server(lets_in, Bounds(50_000, per_source, calls=100), self._who, calls)
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)
        store.listen(self._committed)

    async def deliver(self) -> None:
        """Tells widgets what was committed, in that order. Runs until cancelled."""
        while True:
            frame = await self._frames.get()
            try:
                await self._tell(frame)
            except Exception:  # the next frame must not wait for it
                log.exception("widget.not_told")
                self._missed(frame)

    async def agent_typing(self, conversation_id: str, agent: Agent) -> None:
        await self.server.emit("typing", {"author": "agent", "name": agent.name}, room=conversation_id)

    async def bot_typing(self, conversation_id: str) -> None:
        await self.server.emit("typing", {"author": "bot", "name": None}, room=conversation_id)

    def _committed(self, committed: Committed) -> None:
        if committed.change["seq"] > committed.change["after"] and self._present:
            self._frames.add(committed.change)

    async def follow_queue(self) -> None:
        """Tells those who wait what has become of their place, all in one, and not at every step of it. Runs until
        cancelled."""
        while True:
            await self._queue_moved.wait()
            self._queue_moved.clear()
            try:
                queued = await self._store.read(waiting, now())
                await self._tell_states({one.conversation_id for one in queued} & self._present.keys())
            except Exception:  # the store is in trouble; the next round may find it well
                log.exception("widget.queue_not_told")
                self._queue_moved.set()
            await asyncio.sleep(QUEUE_NEWS_SECONDS)

    def _missed(self, frame: Change) -> None:
        """Widgets cannot see a gap: those that this frame was for come back, and ask for what they have not seen."""
        self._end({one["id"] for one in frame["conversations"]})

    def _end(self, conversation_ids: set[str]) -> None:
        """Ends the connections of these conversations' widgets."""
        for conversation_id in conversation_ids & self._present.keys():
            for sid, _ in list(self.server.manager.get_participants("/", conversation_id)):
                self.server.start_background_task(self.server.disconnect, sid)

    async def _tell(self, frame: Change) -> None:
        erased = {one["conversation_id"] for one in frame["events"] if one["name"] == "conversation.erased"}
        self._end(erased)  # whichever hub was asked to erase it
        present = self._present
        ids = [one["id"] for one in frame["messages"] if one["conversation_id"] in present and _shown(one)]
        for message in await self._store.read(_messages, ids):
            await self.server.emit("message", self._linked(message), room=message["conversation_id"])
        if any(event["name"].startswith(("handoff.", "agent.", "conversation.taken")) for event in frame["events"]):
            self._queue_moved.set()
        await self._tell_states({one["id"] for one in frame["conversations"]} & present.keys())

    async def _tell_states(self, ids: set[str]) -> None:
        """Tells those for whom something is other than it was told last."""
        if not ids:
            return
        async with self._telling:  # of two readings, the later one is told last
            for conversation_id, state in (await self._store.read(_states, ids, self._store.policy())).items():
                if conversation_id in self._present and state != self._told.get(conversation_id):
                    self._told[conversation_id] = state
                    await self.server.emit("state", state, room=conversation_id)

    async def _state(self, conversation_id: str) -> State:
        """For an answer to one widget. Others of the conversation do not hear it: what was told last counts no more."""
        states = await self._store.read(_states, {conversation_id}, self._store.policy())
        self._told.pop(conversation_id, None)
        return states[conversation_id]

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            if not isinstance(token, str):
                raise Refusal("unauthorized", "the connection carries no token; ask for a session first")
            conversation = await self._store.read(accounts.widget_conversation, token, now())
        except Refusal as refusal:
            raise socketio.exceptions.ConnectionRefusedError(refusal.code, refusal.as_error()) from None
        await self.server.enter_room(sid, conversation.id)
        self._sessions[sid] = conversation.id
        self._sources[conversation.id] = source_of(environ["asgi.scope"])
        self._present[conversation.id] += 1

    async def _disconnect(self, sid: str, *_reason: Any) -> None:
        if (conversation_id := self._sessions.pop(sid, None)) is None:
            return
        self._present[conversation_id] -= 1
        if not self._present[conversation_id]:
            for known in (self._present, self._sources, self._told):
                known.pop(conversation_id, None)

    async def _who(self, sid: str) -> str:
        if (conversation_id := self._sessions.get(sid)) is None:
            raise Refusal("unauthorized", "this connection has ended; connect again")
        return conversation_id

    def _writes(self, conversation_id: str) -> None:
        """Counts what leaves rows behind, for the conversation and for everybody at its address."""
        self._messages.take(conversation_id)
        self._messages_of_source.take(self._sources.get(conversation_id, ""))

    def _linked(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """A WidgetMessage: its files with the addresses where they are."""
        files = [
            {name: one.get(name) for name in _FILE}
            | {"url": self._link_to(one["id"]) if one.get("state") == "stored" else None}
            for one in message["attachments"]
        ]
        shown = {name: value for name, value in message.items() if name != "conversation_id"}
        return shown | {"attachments": files}

    # the calls

    async def _resume(self, conversation_id: str, data: Answer) -> Answer:
        return {
            "messages": [
                self._linked(message)
                for message in await self._store.read(_log_since, conversation_id, integer(data, "since"))
            ],
            "state": await self._state(conversation_id),
        }

    async def _send(self, conversation_id: str, data: Answer) -> Answer:
        self._writes(conversation_id)
        client_message_id = string(data, "client_message_id")
        pressed = string(data, "button") if "button" in data else None
        attachments = strings(data, "attachments") if data.get("attachments") and not pressed else []
        wordless = pressed or (attachments and not data.get("text"))
        incoming = intake.IncomingMessage(
            conversation_id=conversation_id,
            external_id=f"{conversation_id}:{client_message_id}",
            text="" if wordless else written(string(data, "text", most=40_000)),
            button_id=pressed,
            client_message_id=client_message_id,
            attachments=attachments,
        )
        message = await self._store.run(intake.receive, incoming)
        found = await self._store.read(_messages, [message.id])
        return {"message": self._linked(found[0])}

    async def _ask_human(self, conversation_id: str, data: Answer) -> Answer:
        self._writes(conversation_id)
        client_message_id = string(data, "client_message_id")
        external_id = f"{conversation_id}:{client_message_id}"
        await self._store.run(intake.ask_human, conversation_id, external_id, client_message_id)
        return {"state": await self._state(conversation_id)}

    async def _back_to_bot(self, conversation_id: str, _data: Answer) -> Answer:
        self._writes(conversation_id)
        await self._store.run(handoffs.cancel, conversation_id)
        return {"state": await self._state(conversation_id)}

    async def _received(self, conversation_id: str, data: Answer) -> Answer:
        await self._store.run(intake.mark, conversation_id, "delivered", integer(data, "up_to"))
        return {}

    async def _read(self, conversation_id: str, data: Answer) -> Answer:
        await self._store.run(intake.mark, conversation_id, "read", integer(data, "up_to"))
        return {}

    async def _typing(self, conversation_id: str, _data: Answer) -> Answer:
        if self.on_typing and self._signs.allows(conversation_id):
            await self.on_typing(conversation_id, "customer")
        return {}

    async def _language(self, conversation_id: str, data: Answer) -> Answer:
        self._writes(conversation_id)
        await self._store.run(intake.choose_language, conversation_id, string(data, "language"))
        return {"state": await self._state(conversation_id)}

    async def _transcript(self, conversation_id: str, _data: Answer) -> Answer:
        self._writes(conversation_id)
        return {"url": self.transcript_url(conversation_id)}

    async def _erase(self, conversation_id: str, _data: Answer) -> Answer:
        """The customer's chat is deleted; its token opens nothing any more."""
        self._writes(conversation_id)
        await self._store.run(erasure.erase, conversation_id)
        self._end({conversation_id})
        return {}


_EVENTS = [
    "resume",
    "send",
    "ask_human",
    "back_to_bot",
    "received",
    "read",
    "typing",
    "language",
    "transcript",
    "erase",
]


def _shown(message: dict[str, Any]) -> bool:
    """A customer sees what passed the send door, and never a note."""
    return not message["private"] and message["delivery"] in SHOWN


_COLUMNS = [
    t.messages.c[name]
    for name in [
        "id",
        "conversation_id",
        "author",
        "author_name",
        "text",
        "attachments",
        "buttons",
        "client_message_id",
        "delivery",
        "created_at",
    ]
]
_FILE = ("id", "kind", "name", "mime", "size")
_VISIBLE = sa.and_(t.messages.c.private.is_(False), t.messages.c.delivery.in_(SHOWN))


def _messages(connection: sa.Connection, ids: list[int]) -> list[dict[str, Any]]:
    if not ids:
        return []
    query = sa.select(*_COLUMNS).where(t.messages.c.id.in_(ids), _VISIBLE).order_by(t.messages.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def _log_since(connection: sa.Connection, conversation_id: str, since: int) -> list[dict[str, Any]]:
    m = t.messages.c
    mine = sa.select(*_COLUMNS).where(m.conversation_id == conversation_id, m.id > since, _VISIBLE)
    newest = deque(connection.execute(mine.order_by(m.id.desc()).limit(MAX_RESUMED)).mappings())
    return [dict(row) for row in reversed(newest)]


def _states(connection: sa.Connection, ids: set[str], policy: Policy) -> dict[str, State]:
    """Who speaks in each of these conversations, and the truth about the wait."""
    c = t.conversations.c
    query = (
        sa.select(c.id, c.owner, c.language, t.agents.c.name, t.handoffs.c.team)
        .join(t.agents, t.agents.c.id == c.assignee_id, isouter=True)
        .join(t.handoffs, t.handoffs.c.id == c.handoff_id, isouter=True)
        .where(c.id.in_(ids))
    )
    online = count_online(connection, now(), policy)
    place = places(waiting(connection, now()))
    return {
        row.id: {
            "owner": row.owner,
            "agent_name": row.name,
            "position": place.get(row.id) if row.owner == "queue" else None,
            "agents_online": online[policy.team(None if row.owner == "bot" else row.team).id],
            "language": row.language,
        }
        for row in connection.execute(query)
    }
