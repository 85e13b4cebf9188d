"""Conversations changing hands."""

from collections.abc import Callable
from functools import partial
from typing import Any

from handoff_server.arguments import integer, string, truth
from handoff_server.refusal import Refusal
from handoff_server.service import desk, offers
from handoff_server.service.agent import Agent
from handoff_server.service.wrap_up import wrap_up
from handoff_server.sockets.calls.call import Call
from handoff_server.sockets.server import Answer
from handoff_server.store import Store


async def _claim(store: Store, agent: Agent, data: Answer) -> Answer:
    return await _move(store, desk.claim, agent, data)


async def _take_over(store: Store, agent: Agent, data: Answer) -> Answer:
    return await _move(store, desk.take_over, agent, data)


async def _decline(store: Store, agent: Agent, data: Answer) -> Answer:
    await store.run(offers.decline, agent, string(data, "conversation_id"))
    return {}


async def _release(store: Store, agent: Agent, data: Answer) -> Answer:
    return await _move(store, desk.release, agent, data)


async def _resolve(store: Store, agent: Agent, data: Answer) -> Answer:
    handoff = partial(desk.resolve, **_judged(data))
    return await _move(store, handoff, agent, data, string(data, "disposition"), _note(data))


async def _return(store: Store, agent: Agent, data: Answer) -> Answer:
    slots = data.get("slots") or {}
    if not isinstance(slots, dict):
        raise Refusal("invalid_request", "slots must be an object: name → text")
    return await _move(store, desk.return_to_bot, agent, data, string(data, "note", most=10_000), slots)


async def _transfer(store: Store, agent: Agent, data: Answer) -> Answer:
    to_agent = string(data, "agent_id") if data.get("agent_id") else None
    team = None if to_agent else string(data, "team")
    return await _move(store, desk.transfer, agent, data, string(data, "note", most=4_000), to_agent, team)


async def _snooze(store: Store, agent: Agent, data: Answer) -> Answer:
    until = integer(data, "until") if data.get("until") is not None else None
    return await _move(store, desk.snooze, agent, data, until)


async def _wake(store: Store, agent: Agent, data: Answer) -> Answer:
    return await _move(store, desk.wake_early, agent, data)


async def _wrap_up(store: Store, agent: Agent, data: Answer) -> Answer:
    disposition = string(data, "disposition") if data.get("disposition") else None
    handoff_id = string(data, "handoff_id")
    await store.run(partial(wrap_up, **_judged(data)), agent, handoff_id, disposition, _note(data))
    return {}


async def _block(store: Store, agent: Agent, data: Answer) -> Answer:
    await store.run(desk.block, agent, string(data, "conversation_id"), truth(data, "blocked"))
    return {}


async def _move(store: Store, transition: Callable[..., Any], agent: Agent, data: Answer, *more: Any) -> Answer:
    conversation_id, epoch = string(data, "conversation_id"), integer(data, "epoch")
    moved = await store.run(transition, agent, conversation_id, epoch, *more)
    return {"conversation_id": moved.id, "epoch": moved.epoch}


def _note(data: Answer) -> str | None:
    return string(data, "note", most=4_000) if data.get("note") else None


def _judged(data: Answer) -> Answer:
    """What the agent says of the handover, if anything."""
    verdict = string(data, "verdict") if data.get("verdict") else None
    return {
        "verdict": verdict,
        "asked_again": truth(data, "asked_again") if data.get("asked_again") is not None else None,
    }


CALLS: dict[str, Call] = {
    "claim": _claim,
    "take_over": _take_over,
    "decline": _decline,
    "release": _release,
    "resolve": _resolve,
    "return": _return,
    "transfer": _transfer,
    "snooze": _snooze,
    "wake": _wake,
    "wrap_up": _wrap_up,
    "block": _block,
}
