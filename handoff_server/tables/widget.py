"""The widgets of sites, and who talks through one."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, String, Table

from handoff_server.tables.schema import metadata

widgets = Table(
    "widgets",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("settings", JSON, nullable=False),  # accent, texts by language, launcher
    Column("origins", JSON, nullable=False),  # sites that may show it
    Column("updated_at", BigInteger, nullable=False),
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
