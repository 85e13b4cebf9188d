"""What agents write, and what they have read."""

from handoff_server import change
from handoff_server.arguments import integer, string, strings
from handoff_server.service import replies
from handoff_server.service.agent import Agent
from handoff_server.service.wording import storable
from handoff_server.sockets.calls.call import Call
from handoff_server.sockets.server import Answer
from handoff_server.store import Store


async def _reply(store: Store, agent: Agent, data: Answer) -> Answer:
    attachments = strings(data, "attachments") if data.get("attachments") else []
    message = await store.run(
        replies.reply,
        agent,
        string(data, "conversation_id"),
        integer(data, "epoch"),
        string(data, "client_message_id"),
        string(data, "text", most=100_000) if data.get("text") or not attachments else "",
        bool(data.get("private")),
        string(data, "canned") if data.get("canned") is not None else None,
        attachments,
        [storable(one) for one in strings(data, "mentions")] if data.get("mentions") else [],
    )
    return {"message": change.shown(message)}


async def _seen(store: Store, agent: Agent, data: Answer) -> Answer:
    await store.run(replies.seen, agent, string(data, "conversation_id"), integer(data, "message_id"))
    return {}


async def _retry(store: Store, agent: Agent, data: Answer) -> Answer:
    await store.run(replies.retry, agent, integer(data, "message_id"))
    return {}


CALLS: dict[str, Call] = {"reply": _reply, "seen": _seen, "retry": _retry}
