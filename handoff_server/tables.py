"""The tables. Times are milliseconds since 1970 UTC; lists read only columns of one table, through an index."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Id = String(40)
# SQLite counts only INTEGER keys by itself; PostgreSQL wants the wide type.
Serial = BigInteger().with_variant(Integer, "sqlite")

customers = Table(
    "customers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(120)),
    Column("created_at", BigInteger, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("customer_name", String(120)),  # as in customers
    Column("channel", String(20), nullable=False),
    Column("account", String(80), nullable=False),
    Column("external_id", String(120), nullable=False),
    Column("language", String(8), nullable=False),
    Column("owner", String(8), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("assignee_id", ForeignKey("agents.id")),
    Column("case_id", Id),
    Column("handoff_id", Id),
    Column("stretch", Integer, nullable=False),
    Column("stretch_turns", Integer, nullable=False),
    Column("stretch_at", BigInteger),
    Column("turned_id", BigInteger, nullable=False),
    Column("disclosed_at", BigInteger),
    Column("carried", JSON, nullable=False),
    Column("form", String(80)),
    Column("settled", JSON),
    Column("last_message_id", BigInteger, nullable=False),
    Column("last_author", String(10)),
    Column("last_author_name", String(120)),
    Column("last_text", String(140)),
    Column("last_at", BigInteger),
    Column("unread", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("channel", "account", "external_id"),
    Index(None, "last_at"),
    Index(None, "owner", "last_at"),
    Index(None, "assignee_id", "last_at"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("outcome", String(20)),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("case_id", Id),
    Column("channel", String(20), nullable=False),
    Column("account", String(80), nullable=False),
    Column("external_id", String(200)),
    Column("client_message_id", String(80)),
    Column("direction", String(8), nullable=False),
    Column("author", String(10), nullable=False),
    Column("author_id", Id),
    Column("author_name", String(120)),
    Column("text", Text, nullable=False),
    Column("payload", Text),  # what a pressed button means to the bot
    Column("buttons", JSON, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("delivery", String(10), nullable=False),
    Column("delivery_error", String(200)),
    Column("posted_at", BigInteger),  # since when the platform may have it; none: it has not been given to it
    Column("epoch", Integer, nullable=False),
    Column("stretch", Integer),
    Column("turn_id", Id),
    Column("response", String(120)),
    Column("understanding", JSON),  # intent, intent_ranking, entities, sentiment
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("channel", "account", "external_id"),
    UniqueConstraint("author_id", "client_message_id"),
    Index(None, "conversation_id", "id"),
    sqlite_autoincrement=True,
)

buttons = Table(
    "buttons",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("title", String(60), nullable=False),
    Column("payload", Text, nullable=False),
    Column("used_at", BigInteger),
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("case_id", Id),
    Column("status", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("rules_version", String(40)),
    Column("summary", JSON, nullable=False),
    Column("collected", JSON, nullable=False),
    Column("turn_id", Id, unique=True),  # with the one action that may open a handoff: its idempotency key
    Column("requested_at", BigInteger, nullable=False),
    Column("assigned_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("assignee_id", ForeignKey("agents.id")),
    Column("disposition", String(20)),
    Column("note", Text),
    Column("digest", String(64)),  # SHA-256 of the body it was asked for with
    Index(None, "status", "requested_at"),
    # The database itself keeps "one open handoff per conversation".
    Index(
        "uq_handoffs_open",
        "conversation_id",
        unique=True,
        sqlite_where=text("status IN ('queued', 'assigned')"),
        postgresql_where=text("status IN ('queued', 'assigned')"),
    ),
)

trackers = Table(
    "trackers",
    metadata,
    Column("handoff_id", ForeignKey("handoffs.id"), primary_key=True),
    Column("tracker", JSON, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("stretch", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("state", String(10), nullable=False, index=True),  # posted, answered, failed
    Column("error", String(200)),
    Column("report", JSON),
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
    Column("data", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "conversation_id", "seq"),
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

agents = Table(
    "agents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(12), nullable=False),
    Column("password_hash", String(200)),
    Column("presence", String(8), nullable=False),  # what the agent chose: online or away
    Column("seen_at", BigInteger),  # last heartbeat of a console; none: no console is connected
    Column("created_at", BigInteger, nullable=False),
)

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

password_resets = Table(
    "password_resets",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

widget_sessions = Table(
    "widget_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("source", String(64)),  # a keyed hash of the address it was opened from
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "source", "created_at"),
)
