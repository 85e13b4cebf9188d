"""Which agents have which conversation open: known to this process only, while their consoles are connected."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from handoff_server.service.agent import Agent

log = structlog.get_logger()
CALM_SECONDS = 0.3  # who goes through the list by arrow key looks at none of them
MOST = 20  # are named for one conversation

Tell = Callable[[str, dict[str, Any]], Awaitable[None]]


class Viewers:
    """`tell(event, data)` goes to all consoles, when who views a conversation is another than they were told last."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._looking: dict[str, tuple[Agent, str]] = {}  # by socket
        self._told: dict[str, list[str]] = {}  # conversation → agents, as consoles know it
        self._changed: set[str] = set()
        self._telling: asyncio.Task[None] | None = None

    def view(self, console: str, agent: Agent, conversation_id: str | None) -> None:
        """This console shows this conversation now, or (None) no conversation."""
        before = self._looking.pop(console, None)
        if conversation_id is not None:
            self._looking[console] = agent, conversation_id
        self._changed |= {one for one in (before[1] if before else None, conversation_id) if one}
        if self._changed and self._telling is None:
            self._telling = asyncio.create_task(self._tell_soon())

    def gone(self, console: str) -> None:
        if found := self._looking.get(console):
            self.view(console, found[0], None)

    def shown(self) -> dict[str, list[str]]:
        """Conversation → ids of the agents who have it open."""
        return {one: [agent.id for agent in self._of(one)] for one in {seen for _, seen in self._looking.values()}}

    def _of(self, conversation_id: str) -> list[Agent]:
        """Each agent once, however many windows show it, in the order in which they came."""
        found = {agent.id: agent for agent, seen in self._looking.values() if seen == conversation_id}
        return list(found.values())[:MOST]

    async def _tell_soon(self) -> None:
        while self._changed:
            await asyncio.sleep(CALM_SECONDS)
            changed, self._changed = self._changed, set()
            for conversation_id in sorted(changed):
                await self._tell_of(conversation_id)
        self._telling = None

    async def _tell_of(self, conversation_id: str) -> None:
        agents = self._of(conversation_id)
        ids = [agent.id for agent in agents]
        if self._told.get(conversation_id, []) == ids:
            return
        if ids:
            self._told[conversation_id] = ids
        else:
            del self._told[conversation_id]
        names = [{"id": agent.id, "name": agent.name} for agent in agents]
        try:
            await self._tell("viewing", {"conversation_id": conversation_id, "agents": names})
        except Exception:  # the next change, or the next `sync`, tells it right
            log.exception("console.viewers_not_told")
