"""since when a platform may have a message; what a handoff was asked for with"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("messages", sa.Column("posted_at", sa.BigInteger(), nullable=True))
    op.add_column("handoffs", sa.Column("digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("handoffs") as handoffs:
        handoffs.drop_column("digest")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("posted_at")
