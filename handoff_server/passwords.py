"""Passwords: argon2id, hashed off the event loop, since one hash costs tens of milliseconds on purpose."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from handoff_server.refusal import Refusal

MIN_LENGTH = 10
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    if len(password) < MIN_LENGTH or len(password) > 200:
        raise Refusal("invalid_request", f"a password has {MIN_LENGTH} to 200 characters; a sentence is a good one")
    return _hasher.hash(password)


async def password_is_right(password_hash: str | None, password: str) -> bool:
    return await asyncio.to_thread(_verify, password_hash or _nobody(), password) and password_hash is not None


@cache
def _nobody() -> str:
    """Verified against when the account does not exist, so that both cases take the same time."""
    return _hasher.hash("nobody has this password")


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
