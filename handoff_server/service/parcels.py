"""How what an agent sends at once is divided into messages. Each is sent, and fails, for itself.

The web takes all in one. A platform takes one file a message; the words go under the first one where it can carry them,
and ahead of it elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import NAMESPACE_OID, uuid5

from handoff_server.service.attachments import Attachment
from handoff_server.service.speech import WEB

MAX_CAPTION = 1_024
# Kinds of files that words can stand under, by platform.
CAPTIONED: Mapping[str, frozenset[str]] = {
    "whatsapp": frozenset({"image", "video", "document"}),
    "telegram": frozenset({"image", "video", "document", "audio", "voice"}),
}


@dataclass(frozen=True)
class Parcel:
    text: str
    files: list[Attachment] = field(default_factory=list)


def parcels(channel: str, text: str, files: Sequence[Attachment]) -> list[Parcel]:
    """At least one."""
    if channel == WEB or not files:
        return [Parcel(text, list(files))]
    below = files[0].kind in CAPTIONED.get(channel, frozenset()) and len(text) <= MAX_CAPTION
    if not text or below:
        return [Parcel(text, [files[0]]), *(Parcel("", [one]) for one in files[1:])]
    return [Parcel(text), *(Parcel("", [one]) for one in files)]


def name_of(client_message_id: str, place: int) -> str:
    """The id of the parcel at this place: found again when the same is sent once more."""
    return client_message_id if place == 0 else str(uuid5(NAMESPACE_OID, f"{client_message_id}:{place}"))
