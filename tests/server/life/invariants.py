"""What always holds (docs/architecture.md), read from the database and held against the journal of the outside."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from life.world import Journal, World

from handoff_server import tables as t
from handoff_server.lives import Event, replay

MOVES = {
    "handoff.requested": "queue",
    "handoff.assigned": "agent",
    "conversation.taken_over": "agent",
    "handoff.released": "queue",
    "handoff.resolved": "bot",
    "handoff.returned": "bot",
    "handoff.cancelled": "bot",
    "handoff.expired": "bot",
    "handoff.transferred": "",  # its data tell to whom
}
FORWARD = {
    "pending": {"sent", "delivered", "read", "failed", "suppressed"},
    "sent": {"delivered", "read", "failed"},
    "delivered": {"read"},
    "read": set(),
    "suppressed": set(),
    "failed": {"sent", "delivered", "read"},
}


@dataclass
class Owner:
    """Who owned, from the event `seq` on."""

    seq: int
    name: str
    agent_id: str | None


class Log:
    """Everything that is stored, by conversation."""

    def __init__(self, connection: sa.Connection) -> None:
        def all_of(table: sa.Table, *order: Any) -> list[Any]:
            return list(connection.execute(sa.select(table).order_by(*order)).all())

        self.conversations = all_of(t.conversations, t.conversations.c.created_at)
        self.messages = all_of(t.messages, t.messages.c.id)
        self.events = all_of(t.events, t.events.c.seq)
        self.handoffs = all_of(t.handoffs, t.handoffs.c.requested_at)
        self.turns = {turn.id: turn for turn in all_of(t.turns, t.turns.c.posted_at)}
        self.jobs = [job for job in all_of(t.jobs, t.jobs.c.id) if not job.dead]
        self.open_cases = all_of(t.cases, t.cases.c.opened_at)
        self.tags = {(one.conversation_id, one.tag) for one in all_of(t.conversation_tags)}
        self.told = {event.message_id: event.seq for event in self.events if event.name.endswith(("sent", "received"))}
        self.owners = {one.id: self._owners(one.id) for one in self.conversations}

    def _owners(self, conversation_id: str) -> list[Owner]:
        owners = [Owner(0, "bot", None)]
        for event in self.events:
            if event.conversation_id == conversation_id and event.name in MOVES:
                name = MOVES[event.name]
                agent_id = event.data.get("to_agent") or (event.actor_id if name == "agent" else None)
                owners.append(Owner(event.seq, name or ("agent" if agent_id else "queue"), agent_id))
        return owners

    def owner_at(self, message: Any) -> tuple[int, Owner]:
        """Epoch and owner at the moment in which the message came into the log."""
        owners = self.owners[message.conversation_id]
        epoch = max(place for place, owner in enumerate(owners) if owner.seq < self.told[message.id])
        return epoch + 1, owners[epoch]

    def of(self, conversation_id: str) -> list[Any]:
        return [message for message in self.messages if message.conversation_id == conversation_id]


class Invariants:
    """Checked after every step; what must not go back is held against the step before."""

    def __init__(self) -> None:
        self._epochs: dict[str, int] = {}
        self._deliveries: dict[int, str] = {}
        self._retries: Counter[int] = Counter()

    def check(self, world: World) -> Log:
        log = world.read(Log)
        nothing_is_lost_or_doubled(log, world.journal)
        one_voice(log)
        one_open_handoff_and_one_assignee(log)
        events_tell_what_rows_say(log)
        tags_are_counted_as_they_are_shown(log)
        every_change_of_hands_is_told(log)
        nobody_is_left_in_silence(log, world)
        what_must_go_out_goes_out(log, world)
        self._epochs_never_fall(log)
        self._delivery_never_goes_back(log, world.journal)
        return log

    def _epochs_never_fall(self, log: Log) -> None:
        now = {one.id: one.epoch for one in log.conversations}
        assert all(now[key] >= epoch for key, epoch in self._epochs.items())
        self._epochs = now

    def _delivery_never_goes_back(self, log: Log, journal: Journal) -> None:
        now = {message.id: message.delivery for message in log.messages}
        for key, before in self._deliveries.items():
            retried = journal.retries[key] > self._retries[key]
            allowed = FORWARD[before] | ({"pending", "sent"} if retried else set())
            assert now[key] == before or now[key] in allowed, f"message {key} went from {before} to {now[key]}"
        self._deliveries = now
        self._retries = journal.retries.copy()


def nothing_is_lost_or_doubled(log: Log, journal: Journal) -> None:
    incoming = [(one.external_id, one.text) for one in log.messages if one.direction == "incoming"]
    stored = dict(incoming)
    assert len(stored) == len(incoming)
    assert {key: stored.get(key) for key in journal.received} == journal.received
    replies = {(one.author_id, one.client_message_id): one.text for one in log.messages if one.author == "agent"}
    assert {key: replies.get(key) for key in journal.replied} == journal.replied
    twice = [key for key, times in Counter(journal.given).items() if times > 1]
    assert not twice, f"given to the bot twice: {twice}"
    assert max(journal.posts.values(), default=0) <= 1, f"posted twice: {journal.posts}"
    assert max(Counter(one.turn_id for one in log.handoffs if one.turn_id).values(), default=0) <= 1


def one_voice(log: Log) -> None:
    for message in log.messages:
        if message.direction == "incoming" or message.private or message.author == "system":
            continue
        epoch, owner = log.owner_at(message)
        its_turn = message.epoch == epoch and owner.name == message.author
        if message.author == "agent":
            its_turn = its_turn and owner.agent_id == message.author_id
        assert its_turn or message.delivery == "suppressed", (
            f"{message.author} spoke while {owner.name} owned: {message}"
        )
        assert not its_turn or message.delivery != "suppressed" or message.channel != "web", f"silenced: {message}"


def one_open_handoff_and_one_assignee(log: Log) -> None:
    open_ones = defaultdict(list)
    for handoff in log.handoffs:
        if handoff.status in ("queued", "assigned"):
            open_ones[handoff.conversation_id].append(handoff)
    for one in log.conversations:
        owners = log.owners[one.id]
        assert one.epoch == len(owners)
        assert (one.owner, one.assignee_id) == (owners[-1].name, owners[-1].agent_id)
        mine = open_ones[one.id]
        expected = {"bot": [], "queue": [("queued", None)], "agent": [("assigned", one.assignee_id)]}[one.owner]
        assert [(handoff.status, handoff.assignee_id) for handoff in mine] == expected
        assert not mine or one.handoff_id == mine[0].id
        cases = [case.id for case in log.open_cases if case.conversation_id == one.id and case.closed_at is None]
        assert cases == ([one.case_id] if one.case_id else [])


def every_change_of_hands_is_told(log: Log) -> None:
    """The line of the server stands right behind the change: nobody else has spoken in between."""
    for one in log.conversations:
        spoken = [message for message in log.of(one.id) if not message.private and message.delivery != "suppressed"]
        for owner in log.owners[one.id][1:]:
            behind = [message for message in spoken if log.told[message.id] > owner.seq]
            assert behind and behind[0].author == "system", f"{owner} of {one.id} was not told to the customer"


def nobody_is_left_in_silence(log: Log, world: World) -> None:
    thinking = {one.what.turn_id for one in world.under_way.values() if one.job.kind == "bot_turn"}
    assert {turn.id for turn in log.turns.values() if turn.state == "posted"} == thinking
    answered = {one.turn_id for one in log.messages if one.author == "bot"}
    waiting = {job.lane for job in log.jobs if job.kind == "bot_turn"}
    for message in log.messages:
        if message.author != "customer" or log.owner_at(message)[1].name != "bot":
            continue
        handed_over = log.owners[message.conversation_id][-1].seq > log.told[message.id]
        if message.turn_id is None:
            assert handed_over or message.conversation_id in waiting, f"nobody will answer {message}"
        elif message.turn_id not in thinking:
            assert handed_over or message.turn_id in answered, f"nobody has answered {message}"


def what_must_go_out_goes_out(log: Log, world: World) -> None:
    carried = {job.payload.get("message_id"): job for job in log.jobs if job.kind in ("send", "unclear")}
    epochs = {one.id: (one.owner, one.epoch) for one in log.conversations}
    for message in log.messages:
        if message.delivery == "pending":
            assert message.id in carried, f"nobody will send {message}"
        if message.author == "bot" and message.delivery == "failed":
            assert epochs[message.conversation_id] != ("bot", message.epoch), f"nobody knows that it failed: {message}"


def tags_are_counted_as_they_are_shown(log: Log) -> None:
    assert log.tags == {(one.id, tag) for one in log.conversations for tag in one.tags}


def events_tell_what_rows_say(log: Log) -> None:
    """What measures are folded from is the same story as what lists are read from."""
    episodes, cases = {}, {}
    for conversation in log.conversations:
        mine = [_event(one) for one in log.events if one.conversation_id == conversation.id and one.epoch is not None]
        life = replay(conversation.id, mine)
        assert not life.torn
        episodes |= {episode.id: episode for episode in life.episodes}
        cases |= {case.id: case for case in life.cases}
    assert episodes.keys() == {one.id for one in log.handoffs} and cases.keys() == {one.id for one in log.open_cases}
    for row in log.handoffs:
        told = episodes[row.id]
        ended = row.status if row.ended_at is not None else None
        # Who had it last, unless it has gone back to the queue and ended there.
        agent = told.holder if ended is None else told.agent if ended in ("resolved", "returned") else None
        assert (told.taken_at, agent) == (row.assigned_at, row.assignee_id)
        assert (told.replied_at, told.ended_at, told.how) == (row.first_reply_at, row.ended_at, ended)
        assert (told.verdict, told.asked_again, told.case_id) == (row.verdict, row.asked_again, row.case_id)
        assert told.team in (row.team, None) and (row.callback or told.began_at == row.requested_at)
    for row in log.open_cases:
        closed = (cases[row.id].closed_at, cases[row.id].outcome)
        assert (cases[row.id].opened_at, cases[row.id].answered_at) == (row.opened_at, row.answered_at)
        assert closed == (row.closed_at, row.outcome) and cases[row.id].reopened == row.reopened


def _event(row: Any) -> Event:
    actor = row.actor_id if row.actor_kind == "agent" else None
    return Event(row.name, row.at, row.conversation_id, row.case_id, row.handoff_id, actor, row.data)
