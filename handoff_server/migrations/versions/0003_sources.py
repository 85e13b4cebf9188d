"""where a widget's session was opened from"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("widget_sessions", sa.Column("source", sa.String(length=64), nullable=True))
    op.create_index("ix_widget_sessions_source_created_at", "widget_sessions", ["source", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_widget_sessions_source_created_at", "widget_sessions")
    with op.batch_alter_table("widget_sessions") as sessions:
        sessions.drop_column("source")
