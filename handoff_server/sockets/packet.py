"""Socket.IO packets of text only: nothing of ours is binary, and looking for it costs as much as encoding."""

import json
from dataclasses import dataclass
from typing import Any

from socketio.packet import ACK, Packet


@dataclass(frozen=True)
class Encoded:
    """An answer that is JSON already, since many are given the same."""

    text: str


class TextPacket(Packet):  # type: ignore[misc]  # the library has no types
    uses_binary_events = False

    def encode(self) -> Any:
        if self.packet_type != ACK or not self.data or not isinstance(self.data[0], Encoded):
            return super().encode()
        namespace = f"{self.namespace}," if self.namespace not in (None, "/") else ""
        return f"{ACK}{namespace}{self.id}[{self.data[0].text}]"


def to_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def encoded(answer: dict[str, Any], **more: str) -> Encoded:
    """The answer with `more`, which is JSON already."""
    parts = [to_json(answer).removesuffix("}"), *(f'"{name}":{text}' for name, text in more.items())]
    return Encoded(",".join(parts) + "}")
