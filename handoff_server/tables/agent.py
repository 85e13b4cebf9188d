"""The people inside, how they sign in, and what is their own at the desk."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table, Text

from handoff_server.tables.schema import Id, metadata

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
    Column("presence_at", BigInteger),  # since when the agent is here, or what was chosen last
    Column("left_at", BigInteger),  # when the last console went
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
