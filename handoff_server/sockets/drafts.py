"""A draft on its way from one console of an agent to the others."""

from collections.abc import Awaitable, Callable

from handoff_server.arguments import integer, string
from handoff_server.service import drafts
from handoff_server.service.agent import Agent
from handoff_server.service.drafts import Draft
from handoff_server.sockets.server import Answer
from handoff_server.store import Store


class Drafts:
    """`tell_others(agent, event, data)` goes to all consoles of the agent but the one that calls."""

    def __init__(self, store: Store, tell_others: Callable[[Agent, str, Answer], Awaitable[None]]) -> None:
        self._store = store
        self._tell_others = tell_others

    async def keep(self, agent: Agent, data: Answer) -> Answer:
        """The call `draft`. What is newer on another console is kept, and answered."""
        conversation_id, kind = string(data, "conversation_id"), string(data, "kind")
        text = string(data, "text", most=drafts.MAX_TEXT) if data.get("text") != "" else ""
        draft = Draft(conversation_id, kind, text, integer(data, "updated_at"))
        kept, accepted = await self._store.run(drafts.keep, agent, draft)
        if accepted:
            await self._tell_others(agent, "draft", kept.shown() | {"console": agent.console})
        return {"updated_at": kept.updated_at, "newer": None if accepted else kept.shown()}

    async def of(self, agent: Agent) -> list[Answer]:
        found: list[Answer] = await self._store.read(drafts.of, agent.id)
        return found
