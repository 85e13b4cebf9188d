"""What every messaging platform's file provides, and the ways in which sending and fetching go wrong."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from handoff_server.channels.finding import Finding
from handoff_server.rendering import Limits
from handoff_server.service.contacts import Moved, Reach
from handoff_server.service.deletion import Deletion
from handoff_server.service.intake import Arrival
from handoff_server.service.revisions import Reaction
from handoff_server.service.sends import DeliveryReport, Outgoing, Watermark

Kind = Literal["temporary", "permanent", "unclear", "gone"]


@dataclass(frozen=True)
class Ignored:
    """Something that is not for us, or that we make nothing of; `what` is a word for the log, never a customer's."""

    channel: str
    what: str
    external_id: str = ""  # where the platform waits for an answer even so


Told = Arrival | DeliveryReport | Watermark | Deletion | Reaction | Moved | Reach | Ignored
TAKEN = ("application/json", b"{}")


class SendFailed(Exception):
    """`temporary`: surely not taken, may be posted again; `permanent`: never will be; `unclear`: may have been taken;
    `gone`: nothing reaches this customer there any more.

    `why` is a code, for agents and the log; `retry_after` are seconds, when the platform names them.
    """

    def __init__(self, why: str, kind: Kind, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.kind = kind
        self.retry_after = retry_after


class FetchFailed(Exception):
    """A customer's file did not come. `temporary`: another try may bring it; `permanent`: it never will come;
    `refused`: it is more than we take. `why` is a code."""

    def __init__(self, why: str, kind: Literal["temporary", "permanent", "refused"]) -> None:
        super().__init__(why)
        self.why = why
        self.kind = kind


class Channel(Protocol):
    """One account on one platform."""

    name: str
    account: str
    limits: Limits
    typing_s: float  # how long a sign of typing stays

    def challenge(self, query: Mapping[str, str]) -> str:
        """The answer that proves to the platform that this address is ours. Refusal `forbidden` otherwise."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Refusal `unauthorized` unless the platform itself signed this very body."""

    def read(self, body: bytes) -> list[Told]:
        """Everything in the body, in its order. What is unknown is never an error; only what is no body at all is."""

    def answer(self, told: Sequence[Told]) -> tuple[str, bytes]:
        """What the platform is answered once all that is on disk: a content type and a body."""

    async def send(self, outgoing: Outgoing) -> str:
        """Posts the message once; the platform's id of it. Raises SendFailed: `media_type` and `media_too_large` where
        the platform does not take such a file."""

    def fetch(self, source: Mapping[str, Any], most: int) -> AsyncIterator[bytes]:
        """The bytes of a customer's file, `source` as `read` gave it, at most `most` of them. Raises FetchFailed."""

    async def show_typing(self, contact: str, external_id: str) -> None:
        """Shows the customer that the message was read and an answer is being thought of. Never raises."""

    async def connect(self, url: str) -> str:
        """Tells the platform what it can be told of us: where it delivers (`url`), the menu with the way to a person.
        What was done, in a sentence for the operator. Raises SendFailed."""

    async def examine(self, url: str) -> tuple[list[Finding], int | None]:
        """Whether the platform knows us and delivers to `url`; and its clock (ms since 1970). Never raises."""

    async def close(self) -> None: ...
