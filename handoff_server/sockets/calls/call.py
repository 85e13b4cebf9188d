"""The shape of a call: data as the console sent it, unchecked; the answer's fields besides `ok`. Raises Refusal."""

from collections.abc import Awaitable, Callable
from functools import partial

from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.sockets.server import Answer
from handoff_server.store import Store

Call = Callable[[Store, Agent, Answer], Awaitable[Answer]]


def for_those_who_act(calls: dict[str, Call]) -> dict[str, Call]:
    """The calls that change something of a conversation. Designers look at conversations and leave them as they are."""
    return {name: partial(_by_those_who_act, call) for name, call in calls.items()}


async def _by_those_who_act(call: Call, store: Store, agent: Agent, data: Answer) -> Answer:
    if agent.role == "designer":
        raise Refusal("forbidden", "designers read conversations; an agent or a supervisor may change this")
    return await call(store, agent, data)
