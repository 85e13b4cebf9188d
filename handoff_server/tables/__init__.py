"""The tables. Times are milliseconds since 1970 UTC; lists read only columns of one table, through an index."""

from handoff_server.tables.agent import agent_sessions, agents, canned_replies, drafts, password_resets
from handoff_server.tables.conversation import cases, conversation_tags, conversations, customers, keywords
from handoff_server.tables.handoff import callbacks, handoffs, surveys, trackers
from handoff_server.tables.log import events, jobs, turns, writer
from handoff_server.tables.message import attachments, buttons, early_deletions, messages
from handoff_server.tables.schema import metadata
from handoff_server.tables.widget import widget_sessions, widgets

__all__ = [
    "agent_sessions",
    "agents",
    "attachments",
    "buttons",
    "callbacks",
    "canned_replies",
    "cases",
    "conversation_tags",
    "conversations",
    "customers",
    "drafts",
    "early_deletions",
    "events",
    "handoffs",
    "jobs",
    "keywords",
    "messages",
    "metadata",
    "password_resets",
    "surveys",
    "trackers",
    "turns",
    "widget_sessions",
    "widgets",
    "writer",
]
