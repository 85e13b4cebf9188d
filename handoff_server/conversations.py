"""Who may speak to the customer, and how that changes. Pure: no clock, no store, no network.

A transition takes the state and returns a `Step`: the new state and the event that tells of it; or it raises a
`Refusal` and nothing has happened. Times are integers, milliseconds since 1970 UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from handoff_server.refusal import Refusal

Owner = Literal["bot", "queue", "agent"]
Author = Literal["customer", "bot", "agent", "system"]
Outcome = Literal["returned", "resolved", "cancelled", "expired"]
HandoffStatus = Literal["queued", "assigned", "returned", "resolved", "cancelled", "expired"]

OPEN_STATUSES = ("queued", "assigned")
SUPERVISORS = ("supervisor", "admin")
MAX_STRETCH_TURNS = 15
STRETCH_IDLE_MS = 6 * 60 * 60 * 1000
DISCLOSURE_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One customer on one channel account. `epoch` grows with every change of owner."""

    id: str
    customer_id: str
    customer_name: str | None = None
    channel: str
    account: str
    external_id: str
    language: str
    owner: Owner = "bot"
    epoch: int = 1
    assignee_id: str | None = None
    case_id: str | None = None
    handoff_id: str | None = None  # the open handoff, else the last one
    stretch: int = 1
    stretch_turns: int = 0
    stretch_at: int | None = None  # when the last turn of this stretch began
    turned_id: int = 0  # incoming messages up to this id have been given to the bot, or never will be
    disclosed_at: int | None = None  # when the customer was last told that the other side is a bot
    carried: dict[str, Any] = field(default_factory=dict)  # slots that the bot last reported
    form: str | None = None
    settled: dict[str, Any] | None = None  # what the next stretch must be told
    last_message_id: int = 0
    last_author: Author | None = None
    last_author_name: str | None = None
    last_text: str | None = None
    last_at: int | None = None
    unread: int = 0
    closed_case_id: str | None = None
    snoozed_until: int | None = None
    blocked_at: int | None = None
    heard_at: int | None = None  # the customer's last message: reply windows of platforms run from it
    tags: list[str] = field(default_factory=list)
    team: str | None = None  # of the handoff
    reason: str | None = None  # of the handoff
    address: str | None = None  # where to write to, if that is not external_id
    gone_at: int | None = None  # since when the customer cannot be reached on this channel
    created_at: int
    updated_at: int


@dataclass(frozen=True, kw_only=True)
class Handoff:
    """One episode in which a person is needed."""

    id: str
    conversation_id: str
    case_id: str | None
    status: HandoffStatus
    reason: str
    evidence: dict[str, Any]
    rules_version: str | None
    summary: dict[str, str] = field(default_factory=dict)
    summary_by: str | None = None
    collected: dict[str, Any] = field(default_factory=dict)
    turn_id: str | None = None
    requested_at: int
    assigned_at: int | None = None
    ended_at: int | None = None
    assignee_id: str | None = None
    disposition: str | None = None
    note: str | None = None
    digest: str | None = None
    priority: str = "normal"
    team: str = "care"
    skill: str | None = None
    language: str = "es"
    callback: bool = False
    queued_at: int | None = None
    offered_to: str | None = None
    offered_until: int | None = None
    passed: list[str] = field(default_factory=list)
    first_reply_at: int | None = None
    waiting_since: int | None = None
    news_at: int | None = None
    promised: dict[str, Any] = field(default_factory=dict)
    wrapped_at: int | None = None
    verdict: str | None = None
    asked_again: bool | None = None
    hard: bool = False
    due: dict[str, Any] | None = None
    look_at: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who did it: kind `customer`, `bot`, `agent` or `system`."""

    kind: Author
    id: str | None = None
    name: str | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True)
class Step:
    """The outcome of a transition: what is now true, and what is told of it as (event name, data)."""

    conversation: Conversation
    handoff: Handoff
    event: str
    data: dict[str, Any]


def request_handoff(conversation: Conversation, handoff: Handoff) -> Step:
    """The bot can or must not go on: the conversation joins the queue."""
    if conversation.owner != "bot":
        raise Refusal("not_owner", f"conversation {conversation.id} already has an open handoff")
    moved = _owned_by(conversation, "queue", None)
    moved = replace(moved, handoff_id=handoff.id, unread=max(moved.unread, 1))
    told = ("reason", "evidence", "priority", "team", "skill", "callback")
    return Step(moved, handoff, "handoff.requested", {name: getattr(handoff, name) for name in told})


def claim(conversation: Conversation, handoff: Handoff | None, agent: Actor, epoch: int, at: int) -> Step:
    """A waiting conversation becomes this agent's. Exactly one of several claims succeeds."""
    if conversation.owner == "agent" and conversation.assignee_id != agent.id:
        raise Refusal("already_claimed", f"conversation {conversation.id} is already taken by another agent")
    _require_epoch(conversation, epoch)
    if conversation.owner != "queue" or handoff is None:
        raise Refusal("not_owner", f"conversation {conversation.id} is not waiting in the queue; nothing to claim")
    return _assigned(conversation, handoff, agent, at, "handoff.assigned")


def take_over(
    conversation: Conversation,
    handoff: Handoff | None,
    fresh: Handoff,
    agent: Actor,
    role: str,
    epoch: int,
    at: int,
) -> Step:
    """An agent steps in unasked: from the bot (`fresh` handoff), from the queue, or (supervisor) from a colleague."""
    _require_epoch(conversation, epoch)
    if conversation.owner == "agent" and role not in SUPERVISORS:
        raise Refusal("forbidden", "only a supervisor may take a conversation over from another agent")
    current = handoff if conversation.owner != "bot" and handoff else fresh
    return _assigned(replace(conversation, handoff_id=current.id), current, agent, at, "conversation.taken_over")


def release(
    conversation: Conversation, handoff: Handoff, agent: Actor, epoch: int, at: int, why: str = "released"
) -> Step:
    """Back to the queue, with its place: it waits since it was requested. `why` is a code."""
    _require_assignee(conversation, agent, epoch)
    moved = _owned_by(conversation, "queue", None)
    return Step(moved, _queued_again(handoff, at, passed=[agent.id or ""]), "handoff.released", {"why": why})


def transfer(
    conversation: Conversation,
    handoff: Handoff | None,
    agent: Actor,
    role: str,
    epoch: int,
    at: int,
    to: Actor | str,
    note: str,
) -> Step:
    """To another agent, or into a team's queue (its id). Supervisors may pass on what waits or is a colleague's."""
    _require_epoch(conversation, epoch)
    if conversation.owner == "bot" or handoff is None:
        raise Refusal("not_owner", f"conversation {conversation.id} is with the assistant; take it over first")
    if role not in SUPERVISORS:
        _require_assignee(conversation, agent, epoch)
    told = {"from_agent": conversation.assignee_id, "note": note}
    if isinstance(to, Actor):
        if to.id == conversation.assignee_id:
            raise Refusal("invalid_request", f"conversation {conversation.id} already is with {to.name}")
        moved = _owned_by(conversation, "agent", to.id)
        passed = _taken(handoff, to, at)
        return Step(moved, passed, "handoff.transferred", told | {"to_agent": to.id, "name": to.name})
    moved = _owned_by(conversation, "queue", None)
    queued = replace(_queued_again(handoff, at), team=to)
    return Step(moved, queued, "handoff.transferred", told | {"team": to})


def snooze(conversation: Conversation, agent: Actor, epoch: int, until: int) -> Conversation:
    """Out of sight until then, or until the customer writes. It stays the agent's."""
    _require_assignee(conversation, agent, epoch)
    return replace(conversation, snoozed_until=until)


def resolve(
    conversation: Conversation,
    handoff: Handoff,
    agent: Actor,
    epoch: int,
    at: int,
    disposition: str,
    note: str | None,
    wrap_up_ms: int = 0,
) -> Step:
    """The customer's matter is settled: the handoff ends and the bot owns. The caller closes the case.

    For `wrap_up_ms` the agent may still complete it, and gets no new one in its place.
    """
    _require_assignee(conversation, agent, epoch)
    ended = replace(handoff, status="resolved", ended_at=at, disposition=disposition, note=note, waiting_since=None)
    ended = replace(ended, look_at=at + wrap_up_ms) if wrap_up_ms else replace(ended, look_at=None, wrapped_at=at)
    moved = _back_to_bot(conversation, "resolved", note or "", agent, at)
    return Step(moved, ended, "handoff.resolved", {"disposition": disposition, "note": note})


def return_to_bot(conversation: Conversation, handoff: Handoff, agent: Actor, epoch: int, at: int, note: str) -> Step:
    """The bot goes on with the same case and knows the note."""
    _require_assignee(conversation, agent, epoch)
    ended = replace(handoff, status="returned", ended_at=at, note=note)
    return Step(_back_to_bot(conversation, "returned", note, agent, at), ended, "handoff.returned", {"note": note})


def cancel(conversation: Conversation, handoff: Handoff, at: int, why: str = "back_to_bot") -> Step:
    """The waiting customer prefers to go on with the bot, or has `left`."""
    return _given_up(conversation, handoff, "cancelled", at, why)


def expire(conversation: Conversation, handoff: Handoff, at: int, why: str) -> Step:
    """Nobody came, or the customer does not want to wait now (`why`): the caller promises an answer for later."""
    return _given_up(conversation, handoff, "expired", at, why)


def erase(conversation: Conversation, handoff: Handoff, at: int) -> Step:
    """The customer takes everything back, whoever has it: there is nothing left to work on."""
    ended = replace(handoff, status="cancelled", ended_at=at, waiting_since=None, look_at=None)
    moved = _back_to_bot(conversation, "cancelled", "", None, at)
    return Step(moved, ended, "handoff.cancelled", {"why": "erased"})


def may_speak(conversation: Conversation, author: Author, author_id: str | None, epoch: int) -> bool:
    """The send door: may this author's words, written under `epoch`, go to the customer now?

    It is asked in the transaction that puts the message into the log for sending, so what passes has its place before
    any later change of owner, and what does not pass is never sent.
    """
    if author == "system":
        return True
    if conversation.epoch != epoch:
        return False
    if author == "bot":
        return conversation.owner == "bot"
    return conversation.owner == "agent" and conversation.assignee_id == author_id


def may_still_go(conversation: Conversation, author: str, epoch: int) -> bool:
    """The send door once more, when words that waited for a platform are about to leave.

    The bot falls silent at once when a person is called. What an agent wrote while it was his turn is said, even if he
    has given the conversation back meanwhile; so are the server's own lines.
    """
    return author != "bot" or conversation.epoch == epoch


def must_disclose(conversation: Conversation, at: int) -> bool:
    """Whom one talks to is said at first contact, and again after a long gap (EU AI Act, art. 50)."""
    return conversation.disclosed_at is None or at - conversation.disclosed_at > DISCLOSURE_MS


def next_stretch(conversation: Conversation) -> Conversation:
    """The bot's next turn starts on a new tracker."""
    return replace(conversation, stretch=conversation.stretch + 1, stretch_turns=0, stretch_at=None, form=None)


def stretch_is_over(conversation: Conversation, at: int, asked: bool = False) -> bool:
    """Trackers stay short: a turn costs more the longer its tracker is.

    `asked`: the bot's last words are a question with buttons, and only this tracker knows what a "sí" would mean.
    """
    if conversation.stretch_at is None:
        return False
    idle = at - conversation.stretch_at > STRETCH_IDLE_MS
    enough = 2 * MAX_STRETCH_TURNS if asked else MAX_STRETCH_TURNS
    return idle or (conversation.stretch_turns >= enough and conversation.form is None)


def _owned_by(conversation: Conversation, owner: Owner, assignee_id: str | None) -> Conversation:
    epoch = conversation.epoch + 1
    return replace(conversation, owner=owner, assignee_id=assignee_id, epoch=epoch, snoozed_until=None)


def _assigned(conversation: Conversation, handoff: Handoff, agent: Actor, at: int, event: str) -> Step:
    moved = _owned_by(conversation, "agent", agent.id)
    told = {"reason": handoff.reason, "waited_ms": at - handoff.requested_at}
    return Step(moved, _taken(handoff, agent, at), event, told)


def _taken(handoff: Handoff, agent: Actor, at: int) -> Handoff:
    """With its first time of assignment: no clock starts anew because somebody else goes on."""
    first = handoff.assigned_at or at
    return replace(
        handoff,
        status="assigned",
        assigned_at=first,
        assignee_id=agent.id,
        queued_at=None,
        offered_to=None,
        offered_until=None,
        passed=[],
    )


def _queued_again(handoff: Handoff, at: int, passed: Sequence[str] = ()) -> Handoff:
    """`passed`: who is not offered it first."""
    return replace(
        handoff,
        status="queued",
        assignee_id=None,
        queued_at=at,
        offered_to=None,
        offered_until=None,
        passed=list(passed),
        news_at=None,
    )


def _given_up(
    conversation: Conversation, handoff: Handoff, outcome: Literal["cancelled", "expired"], at: int, why: str
) -> Step:
    if conversation.owner != "queue":
        raise Refusal("not_owner", f"conversation {conversation.id} is not waiting in the queue")
    ended = replace(handoff, status=outcome, ended_at=at)
    moved = _back_to_bot(conversation, outcome, "", None, at)
    return Step(moved, ended, f"handoff.{outcome}", {"why": why})


def _back_to_bot(conversation: Conversation, outcome: Outcome, note: str, agent: Actor | None, at: int) -> Conversation:
    """What was said to people is not said to the bot again: its next stretch is a new tracker with this seed."""
    settled = {"outcome": outcome, "note": note, "agent_name": agent.name if agent else None, "at": at}
    moved = next_stretch(_owned_by(conversation, "bot", None))
    # The line that announces this says that a bot speaks again, so that need not be said twice.
    return replace(moved, settled=settled, turned_id=conversation.last_message_id, unread=0, disclosed_at=at)


def _require_epoch(conversation: Conversation, epoch: int) -> None:
    if conversation.epoch != epoch:
        raise Refusal(
            "stale_epoch",
            f"conversation {conversation.id} changed hands: epoch is {conversation.epoch}, not {epoch}; look again",
        )


def _require_assignee(conversation: Conversation, agent: Actor, epoch: int) -> None:
    _require_epoch(conversation, epoch)
    if conversation.owner != "agent" or conversation.assignee_id != agent.id:
        raise Refusal("not_owner", f"conversation {conversation.id} is not yours; claim it first")
