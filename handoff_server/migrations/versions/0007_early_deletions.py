"""since when agents are there, and messages that were taken back before they came"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Databases of a day in development have these columns already.
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("agents")}
    for name in ("presence_at", "left_at"):
        if name not in known:
            op.add_column("agents", sa.Column(name, sa.BigInteger()))
    op.create_table(
        "early_deletions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_early_deletions"),
        sa.UniqueConstraint("channel", "account", "external_id", name="uq_early_deletions_channel_account_external_id"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for name in ("presence_at", "left_at"):
        op.drop_column("agents", name)
    op.drop_table("early_deletions")
