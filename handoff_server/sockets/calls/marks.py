"""What people say about a conversation: what was meant, was a person needed, what it is about; and what was before."""

from collections.abc import Awaitable, Callable
from functools import partial

from handoff_server.arguments import integer, string, strings, truth
from handoff_server.intents import Intents
from handoff_server.previous import previous
from handoff_server.refusal import Refusal
from handoff_server.service import tags
from handoff_server.service.agent import Agent
from handoff_server.service.labels import label
from handoff_server.service.summaries import summarise
from handoff_server.service.wording import MAX_KEPT
from handoff_server.service.wrap_up import judge
from handoff_server.sockets.calls.call import Call, for_those_who_act
from handoff_server.sockets.server import Answer
from handoff_server.store import Store


def with_intents(store: Store, intents: Intents) -> dict[str, Callable[[Agent, Answer], Awaitable[Answer]]]:
    """The calls that need to know what the assistant understands."""

    async def _intents(_store: Store, _agent: Agent, _data: Answer) -> Answer:
        return {"intents": await intents.shown()}

    async def _label(store: Store, agent: Agent, data: Answer) -> Answer:
        intent = string(data, "intent", most=120) if data.get("intent") is not None else None
        if intent is not None and intent not in await intents.names():
            raise Refusal("invalid_request", "intent is none that the assistant knows; ask for `intents`")
        await store.run(label, agent, integer(data, "message_id"), intent)
        return {}

    calls = {"intents": _intents} | for_those_who_act({"label": _label})
    return {name: partial(call, store) for name, call in calls.items()}


async def _judge(store: Store, agent: Agent, data: Answer) -> Answer:
    again = truth(data, "asked_again") if data.get("asked_again") is not None else None
    await store.run(judge, agent, string(data, "handoff_id"), string(data, "verdict"), again)
    return {}


async def _summarise(store: Store, agent: Agent, data: Answer) -> Answer:
    told = string(data, "handoff_id"), string(data, "language"), string(data, "text", most=MAX_KEPT)
    await store.run(summarise, agent, *told)
    return {}


async def _tag(store: Store, agent: Agent, data: Answer) -> Answer:
    await store.run(tags.tag, agent, string(data, "conversation_id"), strings(data, "tags"))
    return {}


async def _tags(store: Store, _agent: Agent, _data: Answer) -> Answer:
    return {"tags": await store.read(tags.used)}


async def _previous(store: Store, _agent: Agent, data: Answer) -> Answer:
    return dict(await store.read(previous, string(data, "conversation_id")))


CALLS: dict[str, Call] = {"tags": _tags, "previous": _previous} | for_those_who_act(
    {"judge": _judge, "summarise": _summarise, "tag": _tag}
)
