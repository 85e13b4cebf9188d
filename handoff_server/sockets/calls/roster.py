"""Who works here, what they can do, and whether they are there."""

from handoff_server.arguments import integer, string, strings
from handoff_server.service import accounts, roster
from handoff_server.service.agent import Agent
from handoff_server.sockets.calls.call import Call
from handoff_server.sockets.server import Answer
from handoff_server.store import Store


async def _agent(store: Store, agent: Agent, data: Answer) -> Answer:
    lists = [strings(data, name) for name in ("teams", "skills", "languages")]
    await store.run(roster.edit, agent, string(data, "agent_id"), integer(data, "capacity"), *lists)
    return {}


async def _remove_agent(store: Store, agent: Agent, data: Answer) -> Answer:
    await store.run(roster.remove, agent, string(data, "agent_id"))
    return {}


async def _presence(store: Store, agent: Agent, data: Answer) -> Answer:
    await store.run(accounts.set_presence, agent, string(data, "presence"))
    return {}


CALLS: dict[str, Call] = {"agent": _agent, "remove_agent": _remove_agent, "presence": _presence}
