"""What agents do with a conversation: claim it, step in, pass it on, let it rest, resolve it or give it back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import conversations as rules
from handoff_server import tables as t
from handoff_server.conversations import SYSTEM, Actor, Conversation, Handoff, Step
from handoff_server.masking import mask_all
from handoff_server.message import Message
from handoff_server.people import is_connected
from handoff_server.refusal import Refusal
from handoff_server.service import cases, surveys
from handoff_server.service.agent import Agent
from handoff_server.service.handoffs import fresh_handoff, keep, touch_agent, wait_line
from handoff_server.service.offers import may_take, offer_next
from handoff_server.service.presence import needed
from handoff_server.service.speech import announce, tell
from handoff_server.service.wording import storable, written
from handoff_server.service.wrap_up import judged_by, require_offered, tell_wrapped
from handoff_server.teams import Policy
from handoff_server.texts import say
from handoff_server.transaction import Tx

UNTIL_WRITTEN = 2**53 - 1  # asleep until the customer writes
GIVEN = ("order_number",)  # what the assistant takes over into its next stretch, and an agent may set
OF_ORDER = ("verified_order", "verified_name", "order_value_usd")
MAX_GIVEN = 40
MAX_SNOOZE_MS = 90 * 24 * 60 * 60 * 1000


def claim(tx: Tx, agent: Agent, conversation_id: str, epoch: int) -> Conversation:
    conversation = tx.conversation(conversation_id)
    may_take(tx, agent, tx.open_handoff(conversation))
    try:
        step = rules.claim(conversation, tx.open_handoff(conversation), agent.actor, epoch, tx.at)
    except Refusal as refusal:
        if refusal.code == "already_claimed":
            refusal.details["by"] = _name_of(tx, conversation.assignee_id)
        raise
    return announce(tx, keep(tx, step, agent.actor), "joined", name=agent.name)


def take_over(tx: Tx, agent: Agent, conversation_id: str, epoch: int) -> Conversation:
    conversation = cases.wanted(tx, tx.conversation(conversation_id), agent.actor)
    before = conversation.assignee_id
    evidence: dict[str, Any] = {
        "rule": "agent_takeover",
        "rule_version": "1",
        "values": {},
        "message_id": None,
        "text": None,
    }
    fresh = fresh_handoff(tx, conversation, "agent_takeover", evidence, None, None)
    current = tx.open_handoff(conversation)
    may_take(tx, agent, current)
    step = rules.take_over(conversation, current, fresh, agent.actor, agent.role, epoch, tx.at)
    moved = keep(tx, step, agent.actor, new=step.handoff.id == fresh.id)
    touch_agent(tx, before)
    return announce(tx, moved, "joined", name=agent.name)


def release(tx: Tx, agent: Agent, conversation_id: str, epoch: int, why: str = "released") -> Conversation:
    moved = _by_assignee(
        tx, agent, conversation_id, epoch, lambda c, h: rules.release(c, h, agent.actor, epoch, tx.at, why)
    )
    return announce(tx, moved, "released", name=agent.name)


def release_all(tx: Tx, agent: Agent, why: str) -> None:
    """What the agent has goes back to the queue: the account ends, or serves nobody any more."""
    c = t.conversations.c
    for conversation_id in tx.connection.scalars(sa.select(c.id).where(c.assignee_id == agent.id)).all():
        release(tx, agent, conversation_id, tx.conversation(conversation_id).epoch, why)


def transfer(
    tx: Tx, agent: Agent, conversation_id: str, epoch: int, note: str, to_agent: str | None, team: str | None
) -> Conversation:
    """To one colleague who is there, or to a team's queue. The note tells why; the customer hears who goes on."""
    noted = written(note, "note")
    conversation = tx.conversation(conversation_id)
    to: Actor | str = _colleague(tx, to_agent) if to_agent else _team(tx, team)
    step = rules.transfer(conversation, tx.open_handoff(conversation), agent.actor, agent.role, epoch, tx.at, to, noted)
    moved = keep(tx, step, agent.actor)
    touch_agent(tx, conversation.assignee_id)
    if isinstance(to, Actor):
        return announce(tx, moved, "transferred", name=to.name)
    name = tx.policy.team(to).name[moved.language]
    return tell(tx, moved, f"{say(moved.language, 'transferred_team', team=name)} {wait_line(tx, moved)}")


def snooze(tx: Tx, agent: Agent, conversation_id: str, epoch: int, until: int | None) -> Conversation:
    """Until `until`, or (None) until the customer writes; whichever comes first."""
    if until is not None and not tx.at < until <= tx.at + MAX_SNOOZE_MS:
        raise Refusal("invalid_request", f"until {until} is not within the next 90 days; choose another time")
    moved = rules.snooze(tx.conversation(conversation_id), agent.actor, epoch, until or UNTIL_WRITTEN)
    tx.save(replace(moved, unread=0))
    tx.record("conversation.snoozed", agent.actor, conversation=moved, data={"until": until})
    touch_agent(tx, agent.id)
    offer_next(tx)
    return moved


def wake(tx: Tx, conversation_id: str, actor: Actor = SYSTEM) -> Conversation:
    """Back in sight. Nothing happens to one that is not asleep."""
    conversation = tx.conversation(conversation_id)
    if conversation.snoozed_until is None:
        return conversation
    woken = replace(conversation, snoozed_until=None, unread=max(conversation.unread, int(actor is SYSTEM)))
    tx.save(woken)
    needed(tx, woken.assignee_id)
    tx.record("conversation.woken", actor, conversation=woken)
    touch_agent(tx, woken.assignee_id)
    return woken


def wake_early(tx: Tx, agent: Agent, conversation_id: str, epoch: int) -> Conversation:
    """By its agent's wish."""
    rules.snooze(tx.conversation(conversation_id), agent.actor, epoch, UNTIL_WRITTEN)  # may this agent?
    return wake(tx, conversation_id, agent.actor)


def asleep(connection: sa.Connection, at: int, _policy: Policy) -> Sequence[str]:
    """Conversations that wake now."""
    c = t.conversations.c
    due = sa.select(c.id).where(c.snoozed_until <= at).order_by(c.snoozed_until).limit(100)
    return connection.scalars(due).all()


def wake_if_due(tx: Tx, conversation_id: str) -> None:
    until = tx.conversation(conversation_id).snoozed_until
    if until is not None and until <= tx.at:
        wake(tx, conversation_id)


def block(tx: Tx, agent: Agent, conversation_id: str, blocked: bool) -> Conversation:
    """What a blocked customer writes is kept and calls nobody. By the assignee, or a supervisor."""
    conversation = tx.conversation(conversation_id)
    if conversation.assignee_id != agent.id and agent.role not in rules.SUPERVISORS:
        raise Refusal("forbidden", "only the agent who has the conversation, or a supervisor, may block its customer")
    if (conversation.blocked_at is not None) == blocked:
        return conversation
    # What was written meanwhile is history: the bot does not answer it when it speaks again.
    changed = replace(conversation, blocked_at=tx.at if blocked else None, turned_id=conversation.last_message_id)
    tx.save(changed)
    tx.record(f"conversation.{'blocked' if blocked else 'unblocked'}", agent.actor, conversation=changed)
    return announce(tx, changed, "blocked" if blocked else "unblocked")


def resolve(
    tx: Tx, agent: Agent, conversation_id: str, epoch: int, disposition: str, note: str | None, **judged: Any
) -> Conversation:
    """The handoff ends and the case closes. `judged`: what the agent says of the handover, as in `wrap_up`."""
    require_offered(tx, disposition)
    noted = written(note, "note") if note else None
    unheard = _unheard(tx, conversation_id)

    def transition(conversation: Conversation, handoff: Handoff) -> Step:
        wrap_up_ms = tx.policy.team(handoff.team).wrap_up_ms
        step = rules.resolve(conversation, handoff, agent.actor, epoch, tx.at, disposition, noted, wrap_up_ms)
        return replace(step, handoff=judged_by(step.handoff, **judged))

    moved = _by_assignee(tx, agent, conversation_id, epoch, transition)
    ended = tx.handoff(moved.handoff_id)
    if ended.wrapped_at is not None:
        tell_wrapped(tx, agent.actor, ended)
    told = say(moved.language, "resolved", name=agent.name)
    moved = tell(tx, moved, f"{told}{cases.key_told(tx, moved)}")
    case_id = moved.case_id
    moved = cases.close(tx, moved, "resolved", agent.actor)
    chosen = tx.policy.disposition(disposition)
    if case_id and chosen and chosen.survey:
        surveys.ask(tx, moved, surveys.Survey(case_id, "human", ended.id))
    if unheard:
        moved = cases.heard(tx, moved)
    return _give_to_bot(tx, moved, unheard)


def return_to_bot(
    tx: Tx, agent: Agent, conversation_id: str, epoch: int, note: str, slots: dict[str, str] | None = None
) -> Conversation:
    """The bot goes on with the same case, and with what the agent sets right of the collected data; "": not known."""
    noted = written(note, "note")
    given = _given(slots or {})
    unheard = _unheard(tx, conversation_id)
    moved = _by_assignee(
        tx,
        agent,
        conversation_id,
        epoch,
        lambda c, h: rules.return_to_bot(c, h, agent.actor, epoch, tx.at, noted),
    )
    if any(moved.carried.get(name, "") != value for name, value in given.items()):
        # What was found out about another order says nothing of this one.
        kept = {name: value for name, value in moved.carried.items() if name not in (*GIVEN, *OF_ORDER)}
        moved = replace(moved, carried=kept | {name: value for name, value in given.items() if value})
        tx.save(moved)
    return _give_to_bot(tx, announce(tx, moved, "back_with_note", name=agent.name), unheard)


def _given(slots: dict[str, str]) -> dict[str, str]:
    for name, value in slots.items():
        if name not in GIVEN:
            raise Refusal("invalid_request", f"slot {name[:40]!r} is not one of {', '.join(GIVEN)}")
        if not isinstance(value, str) or len(value) > MAX_GIVEN:
            raise Refusal("invalid_request", f"slot {name} must be a text of at most {MAX_GIVEN} characters")
    return {name: mask_all(storable(value).strip()) for name, value in slots.items()}


def _colleague(tx: Tx, agent_id: str) -> Actor:
    a = t.agents.c
    row = tx.connection.execute(
        sa.select(a.name, a.role, a.presence, a.seen_at, a.removed_at).where(a.id == agent_id)
    ).first()
    if row is None or row.removed_at is not None or row.role == "designer":
        raise Refusal("invalid_request", f"there is no agent {agent_id[:40]!r}; choose another, or a team")
    if row.presence != "online" or not is_connected(row.seen_at, tx.at):
        raise Refusal("invalid_request", f"{row.name} is not online; choose another agent, or a team")
    return Actor("agent", agent_id, row.name)


def _team(tx: Tx, team: str | None) -> str:
    if team is None or team not in tx.policy.teams:
        raise Refusal("invalid_request", f"team {str(team)[:40]!r} is none of {', '.join(tx.policy.teams)}")
    return team


def _unheard(tx: Tx, conversation_id: str) -> list[Message]:
    """What the customer wrote to the agent and the agent has neither seen nor answered."""
    conversation = tx.conversation(conversation_id)
    if not conversation.unread:
        return []
    e, m = t.events.c, t.messages.c
    came = sa.select(sa.func.max(e.after_message_id)).where(
        e.conversation_id == conversation_id, e.name.in_(("handoff.assigned", "conversation.taken_over"))
    )
    since = tx.connection.scalar(came) or 0
    theirs = (m.conversation_id == conversation_id, m.direction == "incoming", m.id > since)
    return tx.messages(*theirs, limit=conversation.unread)


def _give_to_bot(tx: Tx, conversation: Conversation, unheard: list[Message]) -> Conversation:
    """Words that crossed with the agent's good-bye are the bot's to answer: nobody is left in silence."""
    if not unheard:
        return conversation
    conversation = replace(conversation, turned_id=unheard[0].id - 1)
    tx.save(conversation)
    tx.add_job("bot_turn", conversation.id, {"conversation_id": conversation.id})
    return conversation


def _by_assignee(
    tx: Tx,
    agent: Agent,
    conversation_id: str,
    epoch: int,
    transition: Callable[[Conversation, Handoff], Step],
) -> Conversation:
    conversation = tx.conversation(conversation_id)
    handoff = tx.open_handoff(conversation)
    if handoff is None:
        raise Refusal("not_owner", f"conversation {conversation_id} has no open handoff")
    moved = keep(tx, transition(conversation, handoff), agent.actor)
    touch_agent(tx, agent.id)
    return moved


def _name_of(tx: Tx, agent_id: str | None) -> str | None:
    return tx.connection.scalar(sa.select(t.agents.c.name).where(t.agents.c.id == agent_id))
