"""What is said, the buttons under it and the files with it."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from handoff_server.tables.schema import Id, Serial, metadata, partial_index

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
    partial_index("ix_messages_of_agents", "id", where="author = 'agent'"),
    sqlite_autoincrement=True,
)

# Messages that a platform said were taken back before it brought them (service/revisions.py).
early_deletions = Table(
    "early_deletions",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("channel", String(20), nullable=False),
    Column("account", String(80), nullable=False),
    Column("external_id", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("channel", "account", "external_id"),
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
