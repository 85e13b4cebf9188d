"""teams and promises, callbacks, surveys, and what cases and events are measured by"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.String(length=40)


def _columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "conversations": [
            sa.Column("closed_case_id", _ID),
            sa.Column("snoozed_until", sa.BigInteger()),
            sa.Column("blocked_at", sa.BigInteger()),
        ],
        "cases": [
            sa.Column("tracking_key", sa.String(length=16)),
            sa.Column("topic", sa.String(length=60)),
            sa.Column("answered_at", sa.BigInteger()),
            sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("handoff_id", _ID),
        ],
        "handoffs": [
            sa.Column("priority", sa.String(length=8), nullable=False, server_default="normal"),
            sa.Column("team", sa.String(length=40), nullable=False, server_default="care"),
            sa.Column("skill", sa.String(length=80)),
            sa.Column("language", sa.String(length=8), nullable=False, server_default="es"),
            sa.Column("callback", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("queued_at", sa.BigInteger()),
            sa.Column("offered_to", _ID),
            sa.Column("offered_until", sa.BigInteger()),
            sa.Column("passed", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("first_reply_at", sa.BigInteger()),
            sa.Column("waiting_since", sa.BigInteger()),
            sa.Column("news_at", sa.BigInteger()),
            sa.Column("promised", sa.JSON(), nullable=False, server_default="{}"),
            sa.Column("wrapped_at", sa.BigInteger()),
            sa.Column("verdict", sa.String(length=12)),
            sa.Column("asked_again", sa.Boolean()),
            sa.Column("hard", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("due", sa.JSON()),
            sa.Column("look_at", sa.BigInteger()),
        ],
        "turns": [sa.Column("event", sa.String(length=200))],
        "events": [
            sa.Column("epoch", sa.Integer()),
            sa.Column("case_id", _ID),
            sa.Column("handoff_id", _ID),
            sa.Column("rules_version", sa.String(length=40)),
        ],
        "agents": [
            sa.Column("gone_at", sa.BigInteger()),
            sa.Column("teams", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("languages", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("capacity", sa.Integer(), nullable=False, server_default="4"),
            sa.Column("missed", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("assigned_at", sa.BigInteger()),
            sa.Column("hard_run", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("hard_today", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("hard_until", sa.BigInteger()),
            sa.Column("removed_at", sa.BigInteger()),
        ],
    }


_INDEXES = {
    "ix_conversations_snoozed_until": ("conversations", ["snoozed_until"]),
    "ix_handoffs_look_at": ("handoffs", ["look_at"]),
    "ix_handoffs_assignee_id_assigned_at": ("handoffs", ["assignee_id", "assigned_at"]),
    "ix_handoffs_team_assigned_at": ("handoffs", ["team", "assigned_at"]),
    "ix_handoffs_conversation_id_assigned_at": ("handoffs", ["conversation_id", "assigned_at"]),
    "ix_agents_gone_at": ("agents", ["gone_at"]),
}


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    for name, (table, names) in _INDEXES.items():
        op.create_index(name, table, names)
    op.create_index("ix_cases_tracking_key", "cases", ["tracking_key"], unique=True)
    measured = sa.text("epoch IS NOT NULL")
    op.create_index("ix_events_measured", "events", ["at"], sqlite_where=measured, postgresql_where=measured)
    open_case = sa.text("case_id IS NOT NULL")
    op.create_index(
        "ix_conversations_open_case", "conversations", ["last_at"], sqlite_where=open_case, postgresql_where=open_case
    )
    op.execute("UPDATE handoffs SET queued_at = requested_at")
    op.create_table(
        "callbacks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("case_id", _ID),
        sa.Column("contact", sa.String(length=200)),
        sa.Column("team", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("turn_id", _ID),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("handoff_id", _ID),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_callbacks_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
        sa.UniqueConstraint("turn_id", name="uq_callbacks_turn_id"),
    )
    op.create_index("ix_callbacks_conversation_id", "callbacks", ["conversation_id"])
    op.create_index("ix_callbacks_due_at", "callbacks", ["due_at"])
    op.create_table(
        "surveys",
        sa.Column("id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("handoff_id", _ID),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("csat", sa.Integer()),
        sa.Column("nps", sa.Integer()),
        sa.Column("comment", sa.Text()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_surveys_case_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_surveys_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
        sa.UniqueConstraint("case_id", name="uq_surveys_case_id"),
    )
    op.create_index("ix_surveys_asked_at", "surveys", ["asked_at"])
    op.create_index("ix_surveys_conversation_id_asked_at", "surveys", ["conversation_id", "asked_at"])


def downgrade() -> None:
    op.drop_table("surveys")
    op.drop_table("callbacks")
    for name, table in (
        ("ix_events_measured", "events"),
        ("ix_conversations_open_case", "conversations"),
        ("ix_cases_tracking_key", "cases"),
    ):
        op.drop_index(name, table)
    for name, (table, _names) in _INDEXES.items():
        op.drop_index(name, table)
    for table, columns in _columns().items():
        with op.batch_alter_table(table) as altered:
            for column in columns:
                altered.drop_column(column.name)
