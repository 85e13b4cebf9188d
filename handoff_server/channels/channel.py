"""What every messaging platform's file provides, and the one way in which sending goes wrong."""

from collections.abc import Mapping
from typing import Literal, Protocol

from handoff_server.service.intake import Arrival
from handoff_server.service.sends import DeliveryReport, Outgoing

Kind = Literal["temporary", "permanent", "unclear"]


class SendFailed(Exception):
    """`temporary`: surely not taken, may be posted again; `permanent`: never will be; `unclear`: may have been taken.

    `why` is a code, for agents and the log; `retry_after` are seconds, when the platform names them.
    """

    def __init__(self, why: str, kind: Kind, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.kind = kind
        self.retry_after = retry_after


class Channel(Protocol):
    """One account on one platform."""

    name: str
    account: str

    def challenge(self, query: Mapping[str, str]) -> str:
        """The answer that proves to the platform that this address is ours. Refusal `forbidden` otherwise."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Refusal `unauthorized` unless the platform itself signed this very body."""

    def read(self, body: bytes) -> list[Arrival | DeliveryReport]:
        """Everything in the body that concerns us, in its order. Unknown things are left out, never an error."""

    async def send(self, outgoing: Outgoing) -> str:
        """Posts the message once; the platform's id of it. Raises SendFailed."""

    async def show_typing(self, external_id: str) -> None:
        """Shows the customer that the message was read and an answer is being thought of. Never raises."""

    async def close(self) -> None: ...
