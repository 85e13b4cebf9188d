"""Replies that agents keep for what comes again and again."""

from handoff_server.arguments import string, truth
from handoff_server.refusal import Refusal
from handoff_server.service import canned
from handoff_server.service.agent import Agent
from handoff_server.sockets.calls.call import Call
from handoff_server.sockets.server import Answer
from handoff_server.store import Store


async def _canned(store: Store, agent: Agent, _data: Answer) -> Answer:
    return {"canned": await store.read(canned.listed, agent.id)}


async def _keep(store: Store, agent: Agent, data: Answer) -> Answer:
    canned_id = string(data, "id") if data.get("id") is not None else None
    texts = data.get("texts")
    if not isinstance(texts, dict):
        raise Refusal("invalid_request", "texts must be an object: language → text")
    shortcut, own = string(data, "shortcut"), truth(data, "own")
    return {"id": await store.run(canned.keep, agent, canned_id, shortcut, texts, own)}


async def _drop(store: Store, agent: Agent, data: Answer) -> Answer:
    await store.run(canned.drop, agent, string(data, "id"))
    return {}


CALLS: dict[str, Call] = {"canned": _canned, "keep_canned": _keep, "drop_canned": _drop}
