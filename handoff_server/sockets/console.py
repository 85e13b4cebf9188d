"""The console's socket (docs/protocol.md §3): same origin, by the session cookie, every call acknowledged."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http.cookies import SimpleCookie
from typing import Any

import socketio
import structlog

from handoff_server import change
from handoff_server.arguments import integer, string
from handoff_server.clock import now
from handoff_server.limits import Limit
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, canned, handoffs, presence
from handoff_server.service.agent import Agent
from handoff_server.sockets.calls import CALLS
from handoff_server.sockets.catch_up import CatchUp
from handoff_server.sockets.drafts import Drafts
from handoff_server.sockets.frames import Frames
from handoff_server.sockets.packet import Encoded, encoded
from handoff_server.sockets.server import Answer, Bounds, socket_server
from handoff_server.sockets.viewers import Viewers
from handoff_server.store import Committed, Store

log = structlog.get_logger()
COOKIE = "relevo_session"
Call = Callable[[Agent, Answer], Awaitable[Answer | Encoded]]
ROOM = "agents"
HEARTBEAT_SECONDS = 15
SIGN_SECONDS = 2.5  # clients say that somebody types every 3 s
# A whole office may sit behind one address.
BOUNDS = Bounds(packet_bytes=100_000, per_source=5_000, calls=600)


@dataclass(frozen=True)
class Session:
    """Who sits at a console, and the token that says so."""

    agent: Agent
    token: str


class ConsoleSocket:
    def __init__(self, store: Store, origins: list[str] | None, helps: Mapping[str, Call]) -> None:
        """`origins` besides which nobody may connect; None: the origin that the request itself was sent to. `helps`:
        calls that need more than the store."""
        self._store = store
        self._catch_up = CatchUp(store)
        self._frames = Frames()
        self._drafts = Drafts(store, self._tell_others)
        self._viewers = Viewers(self._tell)
        self._signs = Limit(1, SIGN_SECONDS)
        self._sessions: dict[str, Session] = {}  # by socket
        self._consoles: Counter[str] = Counter()  # of each agent who has one open
        self._policy = store.policy().shown(now())  # as consoles know it
        self.on_typing: Callable[[str, Agent], Awaitable[None]] | None = None
        self.assistant_state: Callable[[], str] = lambda: "up"
        self.version: Callable[[], str] = lambda: ""
        own: dict[str, Call] = {
            "snapshot": self._snapshot,
            "sync": self._sync,
            "history": self._history,
            "typing": self._typing,
            "view": self._view,
            "draft": self._drafts.keep,
        }
        calls = own | dict(helps) | {name: partial(call, store) for name, call in CALLS.items()}
        self.server = socket_server(origins, BOUNDS, self._who, calls)
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)
        store.listen(self._committed)

    async def deliver(self) -> None:
        """Sends committed frames one after the other, so every console sees them in order. Runs until cancelled."""
        while True:
            frame = await self._frames.get()
            try:
                await self.server.emit("change", frame, room=ROOM)
                if any(event["name"] == canned.CHANGED for event in frame["events"]):
                    await self._tell("canned", {})
            except Exception:  # consoles see the gap and catch up; the next frame must not wait for it
                log.exception("console.not_told")

    async def heartbeat(self) -> None:
        """Agents with an open console are there; sessions that ended elsewhere end here. Runs until cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._beat()
            except Exception:  # the store is in trouble; the next beat may find it well
                log.exception("console.no_heartbeat")

    async def _beat(self) -> None:
        if self._consoles:
            await self._store.run(presence.heartbeat, list(self._consoles))
        for sid, session in list(self._sessions.items()):
            await self._end_if_over(sid, session.token)

    async def typing(self, conversation_id: str, author: str) -> None:
        await self._tell("typing", {"conversation_id": conversation_id, "author": author})

    async def assistant_is(self, state: str) -> None:
        await self._tell("assistant", {"state": state})

    async def tell_policy(self) -> None:
        """When it is another than was told last: supervisors have decided something, or a team has opened or closed."""
        policy = self._store.policy().shown(now())
        if policy != self._policy:
            await self._tell("policy", policy)
            self._policy = policy

    async def _tell(self, event: str, news: Answer) -> None:
        await self.server.emit(event, news, room=ROOM)

    async def _tell_others(self, agent: Agent, event: str, news: Answer) -> None:
        """The other consoles of the agent that calls."""
        for sid, session in list(self._sessions.items()):
            if session.agent.id == agent.id and sid != agent.console:
                await self.server.emit(event, news, to=sid)

    def _committed(self, committed: Committed) -> None:
        if committed.change["seq"] > committed.change["after"]:
            self._frames.add(committed.change)

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: Any = None) -> None:
        token = _cookie(environ)
        try:
            agent = await self._store.read(accounts.session_agent, token, now())
        except Refusal as refusal:
            raise socketio.exceptions.ConnectionRefusedError(refusal.code, refusal.as_error()) from None
        await self.server.enter_room(sid, ROOM)
        self._sessions[sid] = Session(agent, token)
        self._consoles[agent.id] += 1
        if self._consoles[agent.id] == 1:
            await self._note(agent, True)

    async def _disconnect(self, sid: str, *_reason: Any) -> None:
        if (session := self._sessions.pop(sid, None)) is None:
            return
        agent = session.agent
        self._viewers.gone(sid)
        self._consoles[agent.id] -= 1
        if not self._consoles[agent.id]:
            del self._consoles[agent.id]
            await self._note(agent, False)

    async def _note(self, agent: Agent, there: bool) -> None:
        """That an agent came or went. While the store is in trouble the heartbeats, or their absence, say it later."""
        try:
            await self._store.run(accounts.connected, agent, there)
        except Refusal:
            log.warning("console.presence_not_noted", agent=agent.id)

    async def _end_if_over(self, sid: str, token: str) -> None:
        try:
            await self._store.read(accounts.session_agent, token, now())
        except Refusal as refusal:
            if refusal.code != "unauthorized":  # the store is in trouble, and says nothing about the session
                return
            await self.server.emit("session_ended", {}, to=sid)
            await self.server.disconnect(sid)

    async def _who(self, sid: str) -> Agent:
        """Who calls. The session is looked up for every call, so a log-out holds at once."""
        session = self._sessions.get(sid)
        if session is None:
            raise Refusal("unauthorized", "this connection has ended; connect again")
        try:
            agent: Agent = await self._store.read(accounts.session_agent, session.token, now())
        except Refusal as refusal:
            if refusal.code == "unauthorized":
                await self.server.emit("session_ended", {}, to=sid)
            raise
        return replace(agent, console=sid)

    # the calls

    async def _snapshot(self, agent: Agent, _data: Answer) -> Answer:
        found = await self._store.read(change.snapshot, agent.id, now())
        me = next(one for one in found["agents"] if one["id"] == agent.id)
        return {"change": found, "me": me, "drafts": await self._drafts.of(agent)} | self._house()

    async def _sync(self, agent: Agent, data: Answer) -> Encoded:
        missed = await self._catch_up.since(integer(data, "since"), agent.id)
        return encoded({"ok": True} | self._house(), change=missed)

    def _house(self) -> Answer:
        """What changes without an event: is the assistant there, what supervisors decide, which teams are open, who
        has what open; and which build of the console is served."""
        return {
            "assistant": self.assistant_state(),
            "policy": self._store.policy().shown(now()),
            "viewing": self._viewers.shown(),
            "version": self.version(),
        }

    async def _history(self, _agent: Agent, data: Answer) -> Answer:
        limit = min(max(integer(data, "limit"), 1), 100)
        before = integer(data, "before") if data.get("before") is not None else None
        conversation_id = string(data, "conversation_id")
        found, since = await self._store.read(change.history, conversation_id, before, limit, now())
        asked = next((one for one in found["conversations"] if one["id"] == conversation_id), None)
        if asked is None:
            raise Refusal("unknown_conversation", f"there is no conversation {conversation_id[:40]}")
        return {"change": found, "since": since, "conversation": asked}

    async def _view(self, agent: Agent, data: Answer) -> Answer:
        seen = string(data, "conversation_id") if data.get("conversation_id") is not None else None
        self._viewers.view(agent.console or "", agent, seen)
        return {}

    async def _typing(self, agent: Agent, data: Answer) -> Answer:
        conversation_id = string(data, "conversation_id")
        if not self._signs.allows(f"{agent.id}:{conversation_id}"):
            return {}
        news = {
            "conversation_id": conversation_id,
            "author": "agent",
            "agent_id": agent.id,
            "name": agent.name,
        }
        await self.server.emit("typing", news, room=ROOM)
        if self.on_typing and await self._store.read(handoffs.assignee, conversation_id) == agent.id:
            await self.on_typing(conversation_id, agent)
        return {}


def _cookie(environ: dict[str, Any]) -> str:
    jar = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    return jar[COOKIE].value if COOKIE in jar else ""
