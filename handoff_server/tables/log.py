"""The story that is never rewritten, and the work that is to be done."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table

from handoff_server.tables.schema import Id, Serial, metadata, partial_index

events = Table(
    "events",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("name", String(40), nullable=False),
    Column("conversation_id", Id),
    Column("message_id", BigInteger),
    Column("agent_id", Id),
    Column("after_message_id", BigInteger, nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    Column("actor_name", String(120)),
    # What it is about; none with messages, which carry their own, and are too many to be measured one by one.
    Column("epoch", Integer),
    Column("case_id", Id),
    Column("handoff_id", Id),
    Column("rules_version", String(40)),  # of the handoff that it is about
    Column("data", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "conversation_id", "seq"),
    # What measures are computed from: a small part of all events.
    partial_index("ix_events_measured", "at", where="epoch IS NOT NULL"),
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("stretch", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("state", String(10), nullable=False, index=True),  # posted, answered, failed
    Column("event", String(200)),  # what the hub itself told the bot; none: what the customer said
    Column("error", String(200)),
    Column("report", JSON(none_as_null=True)),
    Column("posted_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("lane", String(80), nullable=False),  # jobs of one lane run one after the other
    Column("payload", JSON, nullable=False),
    Column("run_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", String(200)),
    Column("dead", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

# One row (serials.py): the groups of changes so far, and the last numbers given.
writer = Table(
    "writer",
    metadata,
    Column("groups", BigInteger, nullable=False),
    Column("message", BigInteger, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("job", BigInteger, nullable=False),
)
