"""attachments, drafts, canned replies, tags, labels and widgets: what an inbox needs that is worked in all day"""

import sqlalchemy as sa
from alembic import op

from handoff_server.migrations import full_text

revision = "0006"
down_revision = "0005"

_ID = sa.String(length=40)


def _columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "customers": [sa.Column("identity", sa.String(length=200))],
        "conversations": [
            sa.Column("heard_at", sa.BigInteger()),
            sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("team", sa.String(length=40)),
            sa.Column("reason", sa.String(length=40)),
            sa.Column("address", sa.String(length=120)),
            sa.Column("gone_at", sa.BigInteger()),
        ],
        "messages": [
            sa.Column("label", sa.JSON()),
            sa.Column("attachments", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("mentions", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("reply_to", sa.BigInteger()),
            sa.Column("edited_at", sa.BigInteger()),
            sa.Column("deleted_at", sa.BigInteger()),
            sa.Column("reaction", sa.String(length=32)),
            sa.Column("template", sa.JSON()),
        ],
        "handoffs": [sa.Column("summary_by", sa.String(length=120))],
        "agents": [sa.Column("preferences", sa.JSON(), nullable=False, server_default="{}")],
    }


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("uploaded_by", _ID),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source", sa.JSON()),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64)),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_attachments_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_conversation_id", "attachments", ["conversation_id"])
    op.create_index("ix_attachments_message_id", "attachments", ["message_id"])
    op.create_index("ix_attachments_digest", "attachments", ["digest"])


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("agent_id", _ID, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_drafts_agent_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_drafts_conversation_id"),
        sa.PrimaryKeyConstraint("agent_id", "conversation_id", "kind", name="pk_drafts"),
    )


def _canned_replies() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", _ID, nullable=False),
        sa.Column("shortcut", sa.String(length=40), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("agent_id", _ID),
        sa.Column("used", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_canned_replies_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_canned_replies"),
    )
    op.create_index("ix_canned_replies_agent_id", "canned_replies", ["agent_id"])


def _conversation_tags() -> None:
    op.create_table(
        "conversation_tags",
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_conversation_tags_conversation_id"),
        sa.PrimaryKeyConstraint("tag", "conversation_id", name="pk_conversation_tags"),
    )
    op.create_index("ix_conversation_tags_conversation_id", "conversation_tags", ["conversation_id"])


def _keywords() -> None:
    op.create_table(
        "keywords",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("after_message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_keywords_conversation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_keywords"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_keywords_conversation_id", "keywords", ["conversation_id"])


# What lists are filtered by. Only handed-over and unread conversations have a place in the last three.
_LISTS = {
    "ix_conversations_customer_id_last_at": (["customer_id", "last_at"], None),
    "ix_conversations_channel_last_at": (["channel", "last_at"], None),
    "ix_conversations_language_last_at": (["language", "last_at"], None),
    "ix_conversations_team": (["team", "last_at"], "team IS NOT NULL"),
    "ix_conversations_reason": (["reason", "last_at"], "reason IS NOT NULL"),
    "ix_conversations_unread": (["last_at"], "unread > 0"),
}


def _lists() -> None:
    for name, (columns, where) in _LISTS.items():
        only = sa.text(where) if where else None
        op.create_index(name, "conversations", columns, sqlite_where=only, postgresql_where=only)
    last = "(SELECT {column} FROM handoffs WHERE handoffs.id = conversations.handoff_id)"
    op.execute(f"UPDATE conversations SET team = {last.format(column='team')}, reason = {last.format(column='reason')}")


def _widgets() -> None:
    op.create_table(
        "widgets",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_widgets"),
    )


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_customers_identity", "customers", ["identity"], unique=True)
    op.create_index("ix_conversations_channel_account_address", "conversations", ["channel", "account", "address"])
    agents = sa.text("author = 'agent'")
    op.create_index("ix_messages_of_agents", "messages", ["id"], sqlite_where=agents, postgresql_where=agents)
    for create in (_attachments, _drafts, _canned_replies, _conversation_tags, _keywords, _widgets, _lists):
        create()
    full_text.create(op.get_bind())


def downgrade() -> None:
    full_text.drop(op.get_bind())
    for name in _LISTS:
        op.drop_index(name, "conversations")
    for table in ("widgets", "keywords", "conversation_tags", "canned_replies", "drafts", "attachments"):
        op.drop_table(table)
    op.drop_index("ix_conversations_channel_account_address", "conversations")
    op.drop_index("ix_messages_of_agents", "messages")
    op.drop_index("ix_customers_identity", "customers")
    for table, columns in _columns().items():
        for column in columns:  # one by one: a copy of the table could not take the place of one that others refer to
            op.drop_column(table, column.name)
