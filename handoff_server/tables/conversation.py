"""Who writes to us, where, and what for."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from handoff_server.tables.schema import Id, Serial, metadata, partial_index

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
    partial_index("ix_conversations_team", "team", "last_at", where="team IS NOT NULL"),
    partial_index("ix_conversations_reason", "reason", "last_at", where="reason IS NOT NULL"),
    partial_index("ix_conversations_unread", "last_at", where="unread > 0"),
    Index(None, "snoozed_until"),
    # Where a case may have fallen silent: few, among all that anybody has ever written.
    partial_index("ix_conversations_open_case", "last_at", where="case_id IS NOT NULL"),
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
