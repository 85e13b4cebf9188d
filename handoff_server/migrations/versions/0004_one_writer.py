"""the writers' turns and numbers, and the customer's name with the conversation"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    writer = op.create_table(
        "writer",
        sa.Column("groups", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("job", sa.BigInteger(), nullable=False),
    )
    # The first writer finds rows that it does not know of, and goes on behind them.
    op.bulk_insert(writer, [{"groups": 0, "message": 0, "event": 0, "job": 0}])
    # What a message for people means is no job any more (understanding.py).
    op.execute("DELETE FROM jobs WHERE kind = 'understanding'")
    op.add_column("conversations", sa.Column("customer_name", sa.String(length=120), nullable=True))
    op.execute(
        "UPDATE conversations SET customer_name = "
        "(SELECT name FROM customers WHERE customers.id = conversations.customer_id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("conversations") as conversations:
        conversations.drop_column("customer_name")
    op.drop_table("writer")
