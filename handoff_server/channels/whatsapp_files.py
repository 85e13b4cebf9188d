"""Which files WhatsApp takes, and as what; by Meta's list of July 2026."""

from handoff_server.attachment import Enclosed
from handoff_server.channels.channel import SendFailed

# What customers' phones take as what it is, in bytes.
_TAKEN = {
    "image": ({"image/jpeg", "image/png"}, 5_000_000),
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16_000_000),
    "video": ({"video/mp4", "video/3gpp"}, 16_000_000),
    "document": ({"application/pdf", "text/plain"}, 100_000_000),
}
_OFFICE = "application/vnd.openxmlformats-officedocument."


def taken_as(enclosed: Enclosed) -> tuple[str, str]:
    """Kind and type under which Meta takes the file. SendFailed when it does not."""
    kind = {"voice": "audio", "sticker": "image"}.get(enclosed.kind, str(enclosed.kind))
    mime = "text/plain" if enclosed.mime == "text/csv" else enclosed.mime
    types, most = _TAKEN[kind]
    if mime not in types and not (kind == "document" and mime.startswith(_OFFICE)):
        raise SendFailed("media_type", "permanent")
    if enclosed.size > most:
        raise SendFailed("media_too_large", "permanent")
    return kind, mime
