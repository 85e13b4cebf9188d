"""The link to a file of a conversation, for widgets and platforms: whoever has it may see that one file, for some days.

It is signed instead of kept in a table, and the same all day, so browsers need not load the file again. Pure.
"""

import hmac

DAY_MS = 24 * 3_600_000
LIVES_DAYS = 8


def link(attachment_id: str, secret: bytes, at: int) -> str:
    """The path on the hub, good for seven days at least."""
    until = (at // DAY_MS + LIVES_DAYS) * DAY_MS
    return f"/widget/v1/attachments/{attachment_id}?until={until}&signature={_signature(attachment_id, until, secret)}"


def is_good(attachment_id: str, until: int, signature: str, secret: bytes, at: int) -> bool:
    """Without a secret no link is ours."""
    right = _signature(attachment_id, until, secret)
    return bool(secret) and at < until and hmac.compare_digest(signature.encode(), right.encode())


def _signature(attachment_id: str, until: int, secret: bytes) -> str:
    return hmac.digest(secret, f"attachment:{attachment_id}:{until}".encode(), "sha256").hex()
