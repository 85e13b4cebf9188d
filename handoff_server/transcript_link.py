"""The link to a transcript: whoever has it may read what had been said when it was asked for, for a week. Pure.

It is signed instead of kept in a table: there is nothing to look up, to guess or to clean away.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

LIVES_MS = 7 * 24 * 3_600_000
_SIGNATURE = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Link:
    """A conversation as it was `at` (ms since 1970)."""

    conversation_id: str
    at: int

    @property
    def expires_at(self) -> int:
        return self.at + LIVES_MS


def url_of(address: str, link: Link, secret: bytes) -> str:
    """`address` is the hub's, as browsers see it."""
    return f"{address}/transcript/{token_of(link, secret)}"


def token_of(link: Link, secret: bytes) -> str:
    said = f"{link.conversation_id}.{link.at}".encode()
    return base64.urlsafe_b64encode(_signature(said, secret) + said).decode().rstrip("=")


def link_of(token: str, secret: bytes, at: int) -> Link | None:
    """None for a token that is not ours, or too old. Without a secret nothing is ours."""
    try:
        held = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    signature, said = held[:_SIGNATURE], held[_SIGNATURE:]
    if not secret or not hmac.compare_digest(signature, _signature(said, secret)):
        return None
    conversation_id, _, asked_at = said.decode().rpartition(".")
    link = Link(conversation_id, int(asked_at))
    return link if at < link.expires_at else None


def _signature(said: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"transcript:" + said, "sha256")
