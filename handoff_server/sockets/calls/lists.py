"""Conversations that a console does not hold: lists page by page, and search."""

from handoff_server import finding, listing
from handoff_server.arguments import string
from handoff_server.clock import now
from handoff_server.filters import conditions
from handoff_server.service.agent import Agent
from handoff_server.sockets.calls.call import Call
from handoff_server.sockets.server import Answer
from handoff_server.store import Store

MOST_TEXT = 20_000  # what somebody pastes; its first words are looked for


async def _list(store: Store, _agent: Agent, data: Answer) -> Answer:
    found, following = await store.read(listing.conversations, conditions(data.get("filters")), _cursor(data), now())
    return {"conversations": found, "next": following}


async def _search(store: Store, _agent: Agent, data: Answer) -> Answer:
    text = string(data, "text", most=MOST_TEXT)
    answer: Answer = await store.read(finding.found, text, conditions(data.get("filters")), _cursor(data), now())
    return answer


def _cursor(data: Answer) -> str | None:
    return string(data, "cursor") if data.get("cursor") is not None else None


CALLS: dict[str, Call] = {"list": _list, "search": _search}
