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
    false,
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
    Column("identity", String(200)),  # verified: the same person on every channel
    Column("created_at", BigInteger, nullable=False),
    Index(None, "identity", unique=True),
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
    Column("closed_case_id", Id),  # the case that closed last
    Column("snoozed_until", BigInteger),
    Column("blocked_at", BigInteger),
    Column("heard_at", BigInteger),  # the customer's last message: reply windows of platforms run from it
    Column("tags", JSON, nullable=False, server_default="[]"),  # as in conversation_tags
    Column("team", String(40)),  # as in the handoff
    Column("reason", String(40)),  # as in the handoff
    Column("address", String(120)),  # where to write to, if that is not external_id: a phone
    Column("gone_at", BigInteger),  # since when the customer cannot be reached there: has blocked us, or left
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("channel", "account", "external_id"),
    Index(None, "channel", "account", "address"),
    Index(None, "last_at"),
    Index(None, "owner", "last_at"),
    Index(None, "assignee_id", "last_at"),
    Index(None, "customer_id", "last_at"),
    Index(None, "channel", "last_at"),
    Index(None, "language", "last_at"),
    Index(
        "ix_conversations_team",
        "team",
        "last_at",
        sqlite_where=text("team IS NOT NULL"),
        postgresql_where=text("team IS NOT NULL"),
    ),
    Index(
        "ix_conversations_reason",
        "reason",
        "last_at",
        sqlite_where=text("reason IS NOT NULL"),
        postgresql_where=text("reason IS NOT NULL"),
    ),
    Index("ix_conversations_unread", "last_at", sqlite_where=text("unread > 0"), postgresql_where=text("unread > 0")),
    Index(None, "snoozed_until"),
    # Where a case may have fallen silent: few, among all that anybody has ever written.
    Index(
        "ix_conversations_open_case",
        "last_at",
        sqlite_where=text("case_id IS NOT NULL"),
        postgresql_where=text("case_id IS NOT NULL"),
    ),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("tracking_key", String(16)),  # what the customer can quote
    Column("topic", String(60)),  # the first need that was understood
    Column("opened_at", BigInteger, nullable=False),
    Column("answered_at", BigInteger),  # the bot's first answer
    Column("closed_at", BigInteger),
    Column("outcome", String(20)),  # confirmed, resolved, unconfirmed, left
    Column("reopened", Integer, nullable=False, server_default="0"),  # how often
    Column("handoff_id", Id),  # the last one of it
    Index(None, "tracking_key", unique=True),
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
    Column("label", JSON),  # what a person says was meant: intent, agent_id, agent_name, at
    Column("attachments", JSON, nullable=False, server_default="[]"),  # as consoles get them
    Column("mentions", JSON, nullable=False, server_default="[]"),  # agents that a note calls
    Column("reply_to", BigInteger),  # the message that this one quotes
    Column("edited_at", BigInteger),  # by the customer, on the platform
    Column("deleted_at", BigInteger),
    Column("reaction", String(32)),  # the customer's emoji on it
    Column("template", JSON),  # of a platform, with which it leaves: name, language, values
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("channel", "account", "external_id"),
    UniqueConstraint("author_id", "client_message_id"),
    Index(None, "conversation_id", "id"),
    # What agents have answered, the newest first (past_replies.py).
    Index(
        "ix_messages_of_agents",
        "id",
        sqlite_where=text("author = 'agent'"),
        postgresql_where=text("author = 'agent'"),
    ),
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
    Column("summary_by", String(120)),  # who rewrote it last; none: it is as it was made
    Column("collected", JSON, nullable=False),
    Column("turn_id", Id, unique=True),  # with the one action that may open a handoff: its idempotency key
    Column("requested_at", BigInteger, nullable=False),
    Column("assigned_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("assignee_id", ForeignKey("agents.id")),
    Column("disposition", String(20)),
    Column("note", Text),
    Column("digest", String(64)),  # SHA-256 of the body it was asked for with
    Column("priority", String(8), nullable=False, server_default="normal"),
    Column("team", String(40), nullable=False, server_default="care"),
    Column("skill", String(80)),
    Column("language", String(8), nullable=False, server_default="es"),
    Column("callback", Boolean, nullable=False, server_default=false()),  # the customer was promised a call
    Column("queued_at", BigInteger),  # since when it waits this time
    Column("offered_to", Id),
    Column("offered_until", BigInteger),
    Column("passed", JSON, nullable=False, server_default="[]"),  # agents who let the offer of this round pass
    Column("first_reply_at", BigInteger),
    Column("waiting_since", BigInteger),  # the customer's first message that the agent has not answered
    Column("news_at", BigInteger),  # when the customer last heard of the wait
    Column("promised", JSON, nullable=False, server_default="{}"),  # promise → when it was warned of or broken
    Column("wrapped_at", BigInteger),
    Column("verdict", String(12)),  # of the agent: right, early, late, needless
    Column("asked_again", Boolean),  # whether the agent had to ask for what the bot had collected
    Column("hard", Boolean, nullable=False, server_default=false()),  # it takes its toll on who serves it
    Column("due", JSON),  # the promise that runs out next
    Column("look_at", BigInteger, index=True),  # when something about it is due next
    Index(None, "status", "requested_at"),
    Index(None, "assignee_id", "assigned_at"),
    Index(None, "team", "assigned_at"),
    Index(None, "conversation_id", "assigned_at"),
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
    Column("event", String(200)),  # what the hub itself told the bot; none: what the customer said
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
    # What it is about; none with messages, which carry their own, and are too many to be measured one by one.
    Column("epoch", Integer),
    Column("case_id", Id),
    Column("handoff_id", Id),
    Column("rules_version", String(40)),  # of the handoff that it is about
    Column("data", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "conversation_id", "seq"),
    # What measures are computed from: a small part of all events.
    Index(
        "ix_events_measured",
        "at",
        sqlite_where=text("epoch IS NOT NULL"),
        postgresql_where=text("epoch IS NOT NULL"),
    ),
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
    Column("gone_at", BigInteger, index=True),  # when the last console went, until the conversations have gone back
    Column("teams", JSON, nullable=False, server_default="[]"),  # none: the default team
    Column("skills", JSON, nullable=False, server_default="[]"),
    Column("languages", JSON, nullable=False, server_default="[]"),  # none: all of them
    Column("capacity", Integer, nullable=False, server_default="4"),  # conversations at once
    Column("missed", Integer, nullable=False, server_default="0"),  # offers in a row that were not answered
    Column("assigned_at", BigInteger),  # when a conversation was assigned last
    Column("hard_run", Integer, nullable=False, server_default="0"),  # how many of the last in a row were hard
    Column("hard_today", Integer, nullable=False, server_default="0"),
    Column("hard_until", BigInteger),  # when that day ends; none: nothing is counted
    Column("preferences", JSON, nullable=False, server_default="{}"),  # of the console: sounds, language, keys …
    Column("removed_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("case_id", Id),
    Column("contact", String(200)),  # none: here, in the conversation
    Column("team", String(40), nullable=False),
    Column("asked", JSON, nullable=False),  # reason, evidence, rules_version, collected of the handoff it stands for
    Column("turn_id", Id, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, index=True),  # when it joins the queue; none: it has, or is dropped
    Column("handoff_id", Id),
)

surveys = Table(
    "surveys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("handoff_id", Id),  # none: the assistant solved it
    Column("language", String(8), nullable=False),
    Column("asked_at", BigInteger, nullable=False, index=True),
    Column("csat", Integer),
    Column("nps", Integer),
    Column("comment", Text),
    Column("answered_at", BigInteger),  # the first answer
    Index(None, "conversation_id", "asked_at"),
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

attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("message_id", BigInteger, index=True),  # none: uploaded, not sent yet
    Column("uploaded_by", Id),  # an agent; none: the customer
    Column("state", String(10), nullable=False),  # fetching, stored, refused, failed
    Column("source", JSON),  # where a platform keeps it: what its channel needs to fetch it
    Column("kind", String(10), nullable=False),  # image, voice, audio, video, document, sticker
    Column("name", String(200), nullable=False),
    Column("mime", String(100), nullable=False),  # by content
    Column("size", BigInteger, nullable=False),
    Column("digest", String(64), index=True),  # SHA-256: the name of its file
    Column("created_at", BigInteger, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),  # reply, note
    Column("text", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shortcut", String(40), nullable=False),
    Column("texts", JSON, nullable=False),  # language → text with {variables}
    Column("agent_id", ForeignKey("agents.id"), index=True),  # whose own it is; none: everybody's
    Column("used", Integer, nullable=False, server_default="0"),
    Column("updated_at", BigInteger, nullable=False),
)

conversation_tags = Table(
    "conversation_tags",
    metadata,
    Column("tag", String(40), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Index(None, "conversation_id"),
)

# What a conversation is found by besides its words: customer's name, keys of cases, order numbers. Kept by triggers,
# as are the indexes of all words (migrations/full_text.py).
keywords = Table(
    "keywords",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("after_message_id", BigInteger, nullable=False),  # the newest message when it was written down
    sqlite_autoincrement=True,
)

widgets = Table(
    "widgets",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("settings", JSON, nullable=False),  # accent, texts by language, launcher
    Column("origins", JSON, nullable=False),  # sites that may show it
    Column("updated_at", BigInteger, nullable=False),
)
