"""When people are needed, at once or by a callback, and what customers thought of it."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from handoff_server.tables.schema import Id, metadata, partial_index

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("case_id", Id),
    Column("status", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("rules_version", String(40)),
    Column("summary", JSON, nullable=False),
    Column("summary_by", String(120)),  # who rewrote it last; none: it is as it was made
    Column("collected", JSON, nullable=False),
    Column("turn_id", Id, unique=True),  # with the one action that may open a handoff: its idempotency key
    Column("requested_at", BigInteger, nullable=False),
    Column("assigned_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("assignee_id", ForeignKey("agents.id")),
    Column("disposition", String(20)),
    Column("note", Text),
    Column("digest", String(64)),  # SHA-256 of the body it was asked for with
    Column("priority", String(8), nullable=False, server_default="normal"),
    Column("team", String(40), nullable=False, server_default="care"),
    Column("skill", String(80)),
    Column("language", String(8), nullable=False, server_default="es"),
    Column("callback", Boolean, nullable=False, server_default=false()),  # the customer was promised a call
    Column("queued_at", BigInteger),  # since when it waits this time
    Column("offered_to", Id),
    Column("offered_until", BigInteger),
    Column("passed", JSON, nullable=False, server_default="[]"),  # agents who let the offer of this round pass
    Column("first_reply_at", BigInteger),
    Column("waiting_since", BigInteger),  # the customer's first message that the agent has not answered
    Column("news_at", BigInteger),  # when the customer last heard of the wait
    Column("promised", JSON, nullable=False, server_default="{}"),  # promise → when it was warned of or broken
    Column("wrapped_at", BigInteger),
    Column("verdict", String(12)),  # of the agent: right, early, late, needless
    Column("asked_again", Boolean),  # whether the agent had to ask for what the bot had collected
    Column("hard", Boolean, nullable=False, server_default=false()),  # it takes its toll on who serves it
    Column("due", JSON),  # the promise that runs out next
    Column("look_at", BigInteger, index=True),  # when something about it is due next
    Index(None, "status", "requested_at"),
    Index(None, "assignee_id", "assigned_at"),
    Index(None, "team", "assigned_at"),
    Index(None, "conversation_id", "assigned_at"),
    # The database itself keeps "one open handoff per conversation".
    partial_index("uq_handoffs_open", "conversation_id", where="status IN ('queued', 'assigned')", unique=True),
)

trackers = Table(
    "trackers",
    metadata,
    Column("handoff_id", ForeignKey("handoffs.id"), primary_key=True),
    Column("tracker", JSON, nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("case_id", Id),
    Column("contact", String(200)),  # none: here, in the conversation
    Column("team", String(40), nullable=False),
    Column("asked", JSON, nullable=False),  # reason, evidence, rules_version, collected of the handoff it stands for
    Column("turn_id", Id, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, index=True),  # when it joins the queue; none: it has, or is dropped
    Column("handoff_id", Id),
)

surveys = Table(
    "surveys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("handoff_id", Id),  # none: the assistant solved it
    Column("language", String(8), nullable=False),
    Column("asked_at", BigInteger, nullable=False, index=True),
    Column("csat", Integer),
    Column("nps", Integer),
    Column("comment", Text),
    Column("answered_at", BigInteger),  # the first answer
    Index(None, "conversation_id", "asked_at"),
)
