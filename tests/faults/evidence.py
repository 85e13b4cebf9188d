"""A dump, arranged for the questions of the audit."""

from collections import Counter, defaultdict
from functools import cached_property
from pathlib import Path

from tests.faults.dump import Dump, Row
from tests.faults.journal import Line

OWNERS = {
    "handoff.requested": "queue",
    "handoff.assigned": "agent",
    "conversation.taken_over": "agent",
    "handoff.released": "queue",
    "handoff.transferred": "queue",  # unless to an agent
    "handoff.resolved": "bot",
    "handoff.returned": "bot",
    "handoff.cancelled": "bot",
    "handoff.expired": "bot",
}


class Evidence:
    """The dump, arranged for questions."""

    def __init__(self, folder: Path) -> None:
        self.dump = Dump(folder)
        self.messages = sorted(self.dump.rows("messages"), key=lambda row: int(row["id"]))
        self.by_id = {row["id"]: row for row in self.messages}
        self.conversations = {row["id"]: row for row in self.dump.rows("conversations")}
        self.events = sorted(self.dump.rows("events"), key=lambda row: int(row["seq"]))

    @cached_property
    def logs(self) -> dict[str, list[Row]]:
        """Conversation id → its messages in log order."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.messages:
            found[row["conversation_id"]].append(row)
        return found

    @cached_property
    def taken(self) -> dict[int, list[Line]]:
        """Message id → what the platform took for it."""
        found: dict[int, list[Line]] = defaultdict(list)
        for line in self.dump.told("taken", "platform"):
            found[ours(line)].append(line)
        return found

    @cached_property
    def retried(self) -> Counter[int]:
        """Message id → how often an agent had it sent again, knowing that it may have arrived."""
        return Counter(line["message_id"] for line in self.dump.told("asked", "console") if line["event"] == "retry")

    @cached_property
    def seen(self) -> set[int]:
        """Messages that reached a customer's eyes."""
        return {line["id"] for line in self.dump.told("saw", "widget")} | set(self.taken)

    @cached_property
    def turns(self) -> list[Line]:
        return self.dump.told("turn", "rasa")

    def words(self, who: str, what: str) -> dict[str, list[Line]]:
        """Client message id → the lines about it."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.dump.told(what, who):
            if "client_message_id" in line:
                found[line["client_message_id"]].append(line)
        return found

    def owner_at(self, conversation_id: str, seq: int) -> str:
        """Who owned the conversation when event `seq` was written, from the story of its owners."""
        owner = "bot"
        for event in self.events:
            if event["seq"] >= seq:
                break
            if event["conversation_id"] == conversation_id:
                passed_on = event["name"] == "handoff.transferred"
                owner = "agent" if passed_on and event["data"].get("to_agent") else OWNERS.get(event["name"], owner)
        return owner


def ours(line: Line) -> int:
    """The id of our message that a line of the platform is about; 0 when it carries none."""
    carried = str(line["body"].get("biz_opaque_callback_data", "")).partition(".")[0]  # before the try
    return int(carried) if carried.isdigit() else 0
