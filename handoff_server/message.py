"""One line of the log."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Message:
    """What was said, by whom, and how far it came. `epoch` is the one it was written under."""

    id: int
    conversation_id: str
    case_id: str | None = None
    channel: str
    account: str
    external_id: str | None = None
    client_message_id: str | None = None
    direction: str
    author: str
    author_id: str | None = None
    author_name: str | None = None
    text: str
    payload: str | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)
    private: bool = False
    delivery: str
    delivery_error: str | None = None
    posted_at: int | None = None
    epoch: int
    stretch: int | None = None
    turn_id: str | None = None
    response: str | None = None
    understanding: dict[str, Any] | None = None
    label: dict[str, Any] | None = None
    attachments: list[dict[str, Any]] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    reply_to: int | None = None
    edited_at: int | None = None
    deleted_at: int | None = None
    reaction: str | None = None
    template: dict[str, Any] | None = None
    created_at: int
