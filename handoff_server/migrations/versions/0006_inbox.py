"""attachments, drafts, canned replies, tags, labels and widgets: what an inbox needs that is worked in all day"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_ID = sa.String(length=40)


def _columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "customers": [sa.Column("identity", sa.String(length=200))],
        "conversations": [
            sa.Column("heard_at", sa.BigInteger()),
            sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
        ],
        "messages": [
            sa.Column("label", sa.JSON()),
            sa.Column("attachments", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("mentions", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("reply_to", sa.BigInteger()),
            sa.Column("edited_at", sa.BigInteger()),
            sa.Column("deleted_at", sa.BigInteger()),
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
    for create in (_attachments, _drafts, _canned_replies, _conversation_tags, _widgets):
        create()


def downgrade() -> None:
    for table in ("widgets", "conversation_tags", "canned_replies", "drafts", "attachments"):
        op.drop_table(table)
    op.drop_index("ix_customers_identity", "customers")
    for table, columns in _columns().items():
        with op.batch_alter_table(table) as altered:
            for column in columns:
                altered.drop_column(column.name)
